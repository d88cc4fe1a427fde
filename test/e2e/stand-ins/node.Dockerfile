# Stands in for node:24-bookworm-slim where no image can be pulled: Debian 12 with the same Node.js at the same place.
# The build's context is a folder that scripts/e2e fills: bin/node, LICENSE, npm/,
# ca-certificates.crt.
FROM schemagate-e2e-debian
COPY bin/node /usr/local/bin/node
COPY LICENSE /usr/local/LICENSE
COPY npm /usr/local/lib/node_modules/npm
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
# The registry may stand behind a certificate authority of this network's own.
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
