# Stands in for postgres:18-bookworm where no image can be pulled: Debian 12 with Debian's client programs, the server
# binaries of PostgreSQL 18 from npm, and the few variables of the real image that our files use.
# The build's context is a folder that scripts/e2e fills: native/ (bin, lib, share), entrypoint.sh.
FROM schemagate-e2e-debian
COPY native /usr/local/pgsql
COPY entrypoint.sh /usr/local/bin/entrypoint.sh
RUN echo 'postgres:x:999:' >> /etc/group && echo 'postgres:x:999:999::/var/lib/postgresql:/bin/sh' >> /etc/passwd \
 && mkdir -p /var/lib/postgresql /var/run/postgresql && chown postgres:postgres /var/lib/postgresql /var/run/postgresql \
 && ln -sf /usr/lib/postgresql/*/bin/pg_isready /usr/lib/postgresql/*/bin/psql /usr/local/bin/
ENV PATH=/usr/local/bin:/usr/local/pgsql/bin:/usr/sbin:/usr/bin:/sbin:/bin PGDATA=/var/lib/postgresql/18/docker
VOLUME /var/lib/postgresql
USER postgres
STOPSIGNAL SIGINT
EXPOSE 5432
ENTRYPOINT ["entrypoint.sh"]
CMD ["postgres"]
