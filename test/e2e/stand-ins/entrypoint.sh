#!/bin/sh
# As the real image: a first start makes the cluster and the database; until then the server listens on a socket only.
set -eu
user="${POSTGRES_USER:-postgres}"
password="${POSTGRES_PASSWORD:-$(cat "${POSTGRES_PASSWORD_FILE:-/dev/null}")}"
database="${POSTGRES_DB:-$user}"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  mkdir -p "$PGDATA"
  chmod 700 "$PGDATA"
  printf '%s\n' "$password" > "$PGDATA.pw"
  initdb --username="$user" --pwfile="$PGDATA.pw" --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 \
    --no-locale --no-sync >/dev/null
  rm "$PGDATA.pw"
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
  pg_ctl --wait --options='-c listen_addresses= -c unix_socket_directories=/var/run/postgresql' start >/dev/null
  [ "$database" = postgres ] || psql --quiet --username="$user" --dbname=postgres --command="CREATE DATABASE \"$database\""
  pg_ctl --wait --mode=fast stop >/dev/null
fi
exec "$@" -c listen_addresses='*' -c unix_socket_directories=/var/run/postgresql
