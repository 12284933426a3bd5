# shellcheck shell=bash
# How the node begins and ends, seen from the machine.

# shellcheck source=test/kubernetes/node.d/certificates.sh
. "$HERE/node.d/certificates.sh"
# shellcheck source=test/kubernetes/node.d/image.sh
. "$HERE/node.d/image.sh"

# The kubelet sets these for the whole machine; remove_node sets them back.
MACHINE_SETTINGS=(vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys
  kernel/keys/root_maxbytes)

CGROUPS="${CGROUPS:-/sys/fs/cgroup}"

# alive: the process that waits for the node's first one holds the lock.
alive() { [[ -e "$STATE/alive" ]] && ! flock -n "$STATE/alive" true; }

phase() { cat "$STATE/phase" 2>/dev/null || true; }

boot() {
  step node
  if alive && [[ "$(phase)" == ready ]]; then
    say "it is up already: KUBECONFIG=$STATE/kubeconfig"
    return
  fi
  remove_node
  mkdir -p "${STATE%/*}"
  mkdir "$STATE" "$STATE/log"
  # However this is cut off, remove_node finds what it must undo.
  trap 'status=$?; trap "" INT TERM; ((status == 0)) || remove_node; end_long' EXIT
  remember_machine_settings
  cp -r "$HERE/node.d/etc" "$STATE/etc"
  cp "$HERE/node.d/components.sh" "$STATE/etc/components.sh"
  (umask 077 && make_certificates "$STATE")
  # shellcheck disable=SC2153
  [[ -z "${SUDO_UID:-}" ]] || chown "$SUDO_UID:$SUDO_GID" "$STATE/kubeconfig"
  make_node_image "$KUBERNETES_BIN" "$STATE/node-image.tar"
  start_namespaces
  connect_network
  follow
  say "$(kubernetes_version) is up: KUBECONFIG=$STATE/kubeconfig"
}

# start_namespaces: starts node.d/init in namespaces of its own, under a process that ends with it.
start_namespaces() {
  # The lock lives as long as a process has this descriptor; init gives it up.
  exec 9>"$STATE/alive"
  flock 9
  setsid unshare --mount --net --pid --uts --ipc --fork --kill-child --mount-proc \
    "$HERE/node.d/init" "$STATE" "$KUBERNETES_BIN" "$COREDNS_BIN" "$(cni_directory)" >"$STATE/log/init.log" 2>&1 </dev/null &
  echo $! >"$STATE/outside.pid"
  exec 9>&-
}

# connect_network: a device here, whose other end is the node's eth0.
connect_network() {
  local pid
  pid="$(<"$STATE/outside.pid")"
  while alive && [[ "$(readlink "/proc/$pid/ns/net")" == "$(readlink /proc/self/ns/net)" ]]; do sleep 0.05; done
  { ip link add lakehouse-node type veth peer name eth0 netns "$pid" &&
    ip address add 10.125.0.1/30 dev lakehouse-node &&
    ip link set lakehouse-node up; } ||
    die "The network device of the node could not be made." "See what 'ip link' and 'ip route' say about 10.125.0.0/30."
}

# follow: waits until the node is ready; when it is not to be, shows why.
follow() {
  local now component=
  while now="$(phase)" && [[ "$now" != ready ]]; do
    [[ "$now" != "starting "* ]] || component="${now#* }"
    if ! alive; then
      # Said at the very end, perhaps after the look above.
      now="$(phase)"
      [[ "$now" == "failed "* ]] && component="${now#* }"
      # shellcheck disable=SC2034
      LONG_LOG="$(keep_logs)/${component:-init}.log"
      die "The node did not come up: ${component:-its first process} failed." "Its last words are above."
    fi
    sleep 0.1
  done
}

# keep_logs: puts the components' logs where they outlive the node, and prints that directory.
keep_logs() {
  local target="$LAKEHOUSE_CACHE/logs/node"
  rm -rf "$target"
  mkdir -p "${target%/*}"
  cp -r "$STATE/log" "$target"
  printf '%s' "$target"
}

remember_machine_settings() {
  local name
  for name in "${MACHINE_SETTINGS[@]}"; do echo "$name $(<"/proc/sys/$name")"; done >"$STATE/machine-settings"
}

# remove_node: ends the node and removes what is left of it, also of one that was cut off.
remove_node() {
  local name value directory
  if alive; then
    # All processes of its namespaces end with the first; the one outside ends last.
    pkill -KILL --parent "$(<"$STATE/outside.pid")" || true
    flock -w 60 "$STATE/alive" true || die "The node does not end." "Look for processes that hang: ps -o pid,stat,args -e."
  fi
  if ip link show dev lakehouse-node >/dev/null 2>&1; then ip link delete lakehouse-node 2>/dev/null || true; fi
  if [[ -e "$STATE/machine-settings" ]]; then
    while read -r name value; do
      [[ "$(<"/proc/sys/$name")" == "$value" ]] || echo "$value" >"/proc/sys/$name"
    done <"$STATE/machine-settings"
  fi
  for directory in "$CGROUPS"/lakehouse-node "$CGROUPS"/*/lakehouse-node; do
    [[ ! -d "$directory" ]] || find "$directory" -depth -type d -exec rmdir {} +
  done
  rm -rf --one-file-system "${STATE:?}"
}

node_status() {
  step node
  case "$(alive && echo alive) $(phase)" in
    "alive ready") say "is up: KUBECONFIG=$STATE/kubeconfig" ;;
    alive*) say "is $(phase)" && return 1 ;;
    *failed*) say "has ended, as $(phase | cut -d' ' -f2) ended; its log is in $STATE/log" && return 1 ;;
    *) say "is not up" && return 1 ;;
  esac
}

# enter COMMAND...: runs it where the node's components run.
enter() {
  local inside
  alive || die "The node is not up." "Run 'test/kubernetes/node up' first."
  inside="$(pgrep --parent "$(<"$STATE/outside.pid")")"
  exec nsenter --target "$inside" --mount --net --pid --uts --ipc --wd=/ -- env PATH="/run/node/bin:$PATH" "$@"
}
