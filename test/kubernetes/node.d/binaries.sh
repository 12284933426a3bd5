# shellcheck shell=bash
# What a node needs of the machine: Debian packages, and Kubernetes built from Go modules once for all clones.

# shellcheck source=tools/bootstrap.d/go.sh
. "$TOOLS_DIR/bootstrap.d/go.sh"

# node_packages: installs the packages of which something is missing.
node_packages() {
  step packages
  find_missing
  ((${#PACKAGES[@]})) || return 0
  local names=("${PACKAGES[@]}")
  if is_debian && can_root; then locked apt apt_install "${names[@]}" || true; fi
  find_missing
  ((${#PACKAGES[@]} == 0)) || die "A Kubernetes node needs what is not there: $MISSING." \
    "Install it, or name an existing cluster by KUBECONFIG, then run this again."
  say "installed ${names[*]}"
}

# find_missing: sets MISSING, for people, and PACKAGES, which Debian has it in.
find_missing() {
  local wanted
  MISSING='' PACKAGES=()
  for wanted in containerd:containerd runc:runc ip:iproute2 iptables:iptables openssl:openssl unshare:util-linux \
    nsenter:util-linux pgrep:procps; do
    has "${wanted%%:*}" || { MISSING+=", ${wanted%%:*}" && PACKAGES+=("${wanted#*:}"); }
  done
  [[ -n "$(cni_directory)" ]] || { MISSING+=", the CNI plugins" && PACKAGES+=(containernetworking-plugins); }
  MISSING="${MISSING#, }"
}

# cni_directory: where the network plugins are: Debian's place or their makers'.
cni_directory() {
  local directory
  for directory in ${CNI_DIRECTORIES:-/usr/lib/cni /opt/cni/bin}; do
    [[ ! -x "$directory/bridge" ]] || { printf '%s' "$directory" && return; }
  done
}

# kubernetes_version: as tools/go/kubernetes pins it, v1.2.3.
kubernetes_version() { sed -n 's|^[[:blank:]]*k8s.io/kubernetes \(v[^ ]*\).*|\1|p' "$TOOLS_DIR/go/kubernetes/go.mod"; }

# node_binaries: sets KUBERNETES_BIN and COREDNS_BIN, the directories of the built commands.
node_binaries() {
  local commands=k8s.io/kubernetes/cmd
  step kubernetes
  build_all kubernetes "-X k8s.io/component-base/version.gitVersion=$(kubernetes_version)" \
    "$commands/kube-apiserver" "$commands/kube-controller-manager" "$commands/kube-scheduler" "$commands/kubelet" \
    "$commands/kube-proxy" "$commands/kubectl" ./etcd ./pause ./probe
  # shellcheck disable=SC2034
  KUBERNETES_BIN="$BUILD_DIR"
  step coredns
  build_all coredns "" github.com/coredns/coredns
  # shellcheck disable=SC2034
  COREDNS_BIN="$BUILD_DIR"
}

# build_all NAME LINK_FLAGS PACKAGE...: builds the packages of tools/go/NAME once and sets BUILD_DIR.
build_all() {
  BUILD_DIR="$(build_dir "$1" "$2")"
  if [[ -e "$BUILD_DIR/.complete" ]]; then return; fi
  locked "go-$1" build_all_locked "$@"
}

build_all_locked() {
  local name="$1" flags="$2" package started="$STEP_STARTED"
  shift 2
  if [[ -e "$BUILD_DIR/.complete" ]]; then
    say "another clone built it"
    return
  fi
  ensure_go
  # What an interrupted build finished stays: each command appears when it is whole.
  mkdir -p "$BUILD_DIR"
  for package in "$@"; do
    [[ ! -x "$BUILD_DIR/${package##*/}" ]] || continue
    STEP_STARTED="$(now_ms)"
    long "building ${package##*/} from Go modules" go_compile "$BUILD_DIR/.building" "$package" "-s -w $flags" ||
      die "${package##*/} could not be built from Go modules." \
        "If modules could not be downloaded, check the network and 'go env GOPROXY', then run this again."
    mv -f "$BUILD_DIR/.building" "$BUILD_DIR/${package##*/}"
    say "built ${package##*/}"
  done
  touch "$BUILD_DIR/.complete"
  # What no clone has used for a month is from a recipe of the past.
  find "${BUILD_DIR%/*}" -mindepth 1 -maxdepth 1 -mtime +30 -exec rm -rf {} +
  STEP_STARTED="$started"
  say "built from Go modules"
}
