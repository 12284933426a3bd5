# shellcheck shell=bash
# What test/kubernetes/node says before there is a node. That one boots, only test/kubernetes/run shows.

# node COMMAND: in the machine, which has its packages unless a test removes one.
node() {
  local command
  mkdir -p "$M/project/test" "$M/cni"
  cp -r "$SOURCE/test/lib.sh" "$SOURCE/test/kubernetes" "$M/project/test/"
  for command in containerd runc ip iptables openssl unshare nsenter pgrep; do
    [[ -e "$M/bin/$command" || -e "$M/no-$command" ]] || stub "$command" <<<'exit 1'
  done
  run env CGROUPS="$M/cgroups" CNI_DIRECTORIES="$M/none $M/cni" test/kubernetes/node "$@"
}

network_plugins() { mkdir -p "$M/cni" && ln -sf "$(type -P true)" "$M/cni/bridge"; }

test_node_has_no_such_command() {
  node coffee
  fails
  says "error: There is no command 'coffee' of the node. The commands are: up down status load enter."
}

test_node_is_not_up() {
  node status
  fails
  says "is not up"
}

test_node_lacks_packages_where_there_is_no_debian() {
  printf 'ID=fedora\n' >"$M/os-release"
  touch "$M/no-containerd"
  node up
  fails
  says "error: A Kubernetes node needs what is not there: containerd, the CNI plugins. Install it, or name an existing cluster"
}

test_node_installs_missing_packages() {
  touch "$M/no-runc"
  stub sudo <<'STUB'
[[ "$1" != -n ]] || shift
"$@"
STUB
  stub apt-get <<<':'
  node up
  fails
  # It installed nothing.
  says "error: A Kubernetes node needs what is not there: runc, the CNI plugins."
  called apt-get "install -y -qq --no-install-recommends runc containernetworking-plugins"
}

test_node_is_built_once() {
  go_builds
  network_plugins
  node up
  says "built kube-apiserver"
  says "built coredns"
  [[ "$(calls go | grep -c '^build')" == 10 ]] || fail "go built: $(calls go)"
  called go "-X k8s.io/component-base/version.gitVersion=$(sed -n 's|.*k8s.io/kubernetes \(v[0-9.]*\).*|\1|p' "$SOURCE/tools/go/kubernetes/go.mod")"
  node up
  says_not "built"
  [[ "$(calls go | grep -c '^build')" == 10 ]] || fail "go built again: $(calls go)"
}

test_node_build_goes_on_where_it_was_cut_off() {
  go_builds
  network_plugins
  touch "$M/broken"
  node up
  fails
  says "error: kube-apiserver could not be built from Go modules."
  rm "$M/broken"
  node up
  says "built kube-apiserver"
  # As if the last one had been cut off.
  rm "$M"/cache/go/kubernetes/*/{.complete,probe}
  node up
  says_not "built kube-apiserver"
  says "built probe"
}

test_staging_modules_are_replaced_as_kubernetes_asks() {
  local file="$SOURCE/tools/go/kubernetes/go.mod" version replaced
  version="$(sed -n 's|.*k8s.io/kubernetes v1\.\([0-9.]*\).*|v0.\1|p' "$file")"
  replaced="$(sed -n 's|^\t\(k8s.io/.*\) => .* \(v0.*\)|\2|p' "$file" | sort -u)"
  OUTPUT="$replaced"
  [[ -n "$version" && "$replaced" == "$version" ]] || fail "the staging modules are at '$replaced', not '$version'"
}
