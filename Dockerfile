# The gate as an image. Its last stage holds Node.js with the six libraries it loads, /schemagate.js and the SQL parser beside
# it: no shell, no package manager, no source. docs/deployment.md says why it is assembled here and how to build on it.
#
#   docker build -t schemagate .
#   docker build -t schemagate-services --target services .    (the sample services of compose/)
#
# Plain Dockerfile syntax throughout: the builder of Docker 20.10 without BuildKit takes it too.

# By its digest, so that the same commit is built on the same base everywhere; renovate.json says who renews it.
ARG NODE_IMAGE=node:24-bookworm-slim@sha256:d6aa754f16b3197301076f047b5def2f02ea1dbbc2ca920407d46d7ec7f87b20

FROM ${NODE_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json ./
# No package's install script is needed to bundle.
RUN npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
COPY . .
RUN node scripts/build.js dist

# What Node.js needs to run and nothing else, in the same places as above, with the licenses that must go along: Node.js
# brings a file of its own, Debian's packages theirs, which may name a common one. Scanners find the packages of the libraries in
# status.d, as in other images without a package manager.
RUN set -eu; \
    mkdir -p /runtime/etc /runtime/var/lib/dpkg/status.d; \
    for file in /usr/local/bin/node $(ldd /usr/local/bin/node | awk '{ for (i = 1; i <= NF; i++) if ($i ~ /^\//) print $i }'); do \
      mkdir -p "/runtime$(dirname "$file")"; \
      cp -L "$file" "/runtime$file"; \
    done; \
    for package in libc6 libgcc-s1 libstdc++6; do \
      dpkg-query --status "$package" > "/runtime/var/lib/dpkg/status.d/$package"; \
      mkdir -p "/runtime/usr/share/doc/$package"; \
      copyright="/usr/share/doc/$package/copyright"; \
      # Those of one source share it through a link, which slim images may have dropped.
      test -e "$copyright" || copyright="$(ls /usr/share/doc/gcc-*-base/copyright)"; \
      cp -L "$copyright" "/runtime/usr/share/doc/$package/copyright"; \
    done; \
    mkdir -p /runtime/usr/share/doc/nodejs /runtime/usr/share/common-licenses; \
    cp /usr/local/LICENSE /runtime/usr/share/doc/nodejs/; \
    cp -L $(grep -hoE '/usr/share/common-licenses/[A-Z][A-Za-z0-9.-]*[A-Za-z0-9]' /runtime/usr/share/doc/*/copyright | sort -u) \
      /runtime/usr/share/common-licenses/; \
    cp /etc/os-release /etc/debian_version /runtime/etc/; \
    echo 'hosts: files dns' > /runtime/etc/nsswitch.conf; \
    printf 'root:x:0:0:root:/:/nologin\nnonroot:x:65532:65532:nonroot:/:/nologin\n' > /runtime/etc/passwd; \
    printf 'root:x:0:\nnonroot:x:65532:\n' > /runtime/etc/group

FROM scratch AS runtime
COPY --from=build /runtime/ /
ENV PATH=/usr/local/bin NODE_ENV=production
USER 65532:65532

FROM runtime AS services
COPY --from=build /src/dist/ /app/
COPY --from=build /src/package.json /app/
ENV RUN_MIGRATIONS=0
ENTRYPOINT ["/usr/local/bin/node"]
CMD ["/app/services/api.js"]

# What V8 compiles of the bundle, kept for every start. Node.js finds it again at the same place and for the same user only, so
# both are as they are below; one before 22 keeps nothing. There is no database here: the run ends where it asks for one.
FROM build AS compiled
RUN cp -R dist/schemagate.js dist/parts package.json / && mkdir /cache /compiled && chown 65532:65532 /cache && \
    echo 'SELECT 1' > /compiled/1_any.sql
USER 65532:65532
RUN { MIGRATIONS_DIR=/compiled DATABASE_URL=postgresql://127.0.0.1:1/none DATABASE_WAIT_SECONDS=0 \
      node /schemagate.js run > /dev/null 2>&1 || test $? -eq 69; } && \
    chmod -R a+rX /cache

FROM runtime AS schemagate
# /package.json says that the bundle is an ES module: without it Node.js would have to find out at every start.
COPY --from=build /src/dist/schemagate.js /src/dist/libpg-query.wasm.gz /src/dist/THIRD-PARTY-NOTICES /src/package.json /src/LICENSE /
COPY --from=build /src/dist/parts/ /parts/
COPY --from=compiled /cache/ /cache/
ENV SERVICE_ROLE=migrate MIGRATIONS_DIR=/migrations
ENTRYPOINT ["/usr/local/bin/node", "/schemagate.js"]
CMD ["run"]
# Last, so that another revision is another label and no new layer.
ARG VERSION=dev
ARG REVISION=unknown
ARG CREATED=unknown
LABEL org.opencontainers.image.title="schemagate" \
      org.opencontainers.image.description="A PostgreSQL migration gate: services start only on a schema they can trust" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
