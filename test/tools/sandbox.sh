# shellcheck shell=bash
# A machine made of stubs: every test runs the real scripts in a copy of the project, with a PATH that holds the few
# plain commands they may use, and stubs of what decides (docker, apt-get, pulumi, curl, go, ...).
# What this cannot prove is that the real commands take these arguments; `make up` on a fresh machine does.

PLAIN=(bash sh env cat cut sed grep head tail sort find xargs cmp cp ln mv rm mkdir rmdir mktemp chmod touch ls id tr wc
  basename dirname readlink uname sleep date base64 sha256sum tar gzip flock timeout setsid nohup git kill true false
  setpriv stat)

# new_machine: an empty project and machine; sets M (its directory).
new_machine() {
  local command
  M="$(mktemp -d)"
  chmod 755 "$M"
  mkdir -p "$M"/{bin,cache,home,log} "$M/project/node_modules/@pulumi"/{docker,random} "$M/project/images/minio"
  cp -r "$SOURCE/tools" "$M/project/tools"
  rm -rf "$M/project/tools/cli"
  printf 'name: lakehouse\n' >"$M/project/Pulumi.yaml"
  printf 'config:\n  lakehouse:target: local\n' >"$M/project/Pulumi.local.yaml"
  printf 'Pulumi.*.yaml filter=pulumi-salt\n' >"$M/project/.gitattributes"
  printf '{}' >"$M/project/package.json"
  printf '{}' >"$M/project/package-lock.json"
  printf '{\n  "version": "5.2.0"\n}\n' >"$M/project/node_modules/@pulumi/docker/package.json"
  printf '{\n  "version": "4.21.2"\n}\n' >"$M/project/node_modules/@pulumi/random/package.json"
  printf 'ID=debian\n' >"$M/os-release"
  for command in "${PLAIN[@]}"; do ln -sf "$(type -P "$command")" "$M/bin/$command"; done
}

# stub NAME: a command from the script on standard input, which may use $M; each call is noted in log/NAME.
stub() {
  rm -f "$M/bin/$1"
  # shellcheck disable=SC2016
  {
    printf '#!%s\nM=%q\nexport M\nprintf "%%s\\n" "$*" >>"$M/log/%s"\n' "$(type -P bash)" "$M" "$1"
    cat
  } >"$M/bin/$1"
  chmod 755 "$M/bin/$1"
}

calls() { cat "$M/log/$1" 2>/dev/null || true; }

# run COMMAND...: in the machine; sets OUTPUT and STATUS.
run() {
  STATUS=0
  OUTPUT="$(cd "$M/project" && env -i PATH="$M/bin" HOME="$M/home" LAKEHOUSE_CACHE="$M/cache" OS_RELEASE="$M/os-release" \
    ${SET:+"${SET[@]}"} "$@" 2>&1)" || STATUS=$?
}

bootstrap() { run tools/bootstrap "$@"; }

succeeds() { [[ $STATUS == 0 ]] || fail "it ended with $STATUS"; }
fails() { [[ $STATUS != 0 ]] || fail "it did not fail"; }
says() { [[ "$OUTPUT" == *"$1"* ]] || fail "it does not say: $1"; }
says_not() { [[ "$OUTPUT" != *"$1"* ]] || fail "it says: $1"; }
exists() { [[ -e "$M/$1" ]] || fail "there is no $1"; }
exists_not() { [[ ! -e "$M/$1" ]] || fail "there is $1"; }
called() { [[ "$(calls "$1")" == *"$2"* ]] || fail "$1 was not called with '$2', but: $(calls "$1")"; }
called_not() { [[ ! -f "$M/log/$1" ]] || fail "$1 was called: $(calls "$1")"; }

fail() {
  printf '    %s\n' "$1" "--- output" "$OUTPUT" "---" >&2
  exit 1
}

# Stubs for the usual answers.
docker_answers() {
  stub docker <<'STUB'
case "$*" in
  version*) echo 20.10.24 ;;
  'image inspect '*) [[ -f "$M/image" ]] ;;
  'pull '*) [[ -f "$M/registry" ]] || { echo "no such host" >&2; exit 1; } ;;
  'import '*) cat >/dev/null; touch "$M/image" ;;
  'context inspect'*) cat "$M/context" 2>/dev/null || echo unix:///var/run/docker.sock ;;
esac
STUB
}

# curl reaches what lies in the directory web/, under the last part of its address.
curl_reaches_web() {
  mkdir -p "$M/web"
  stub curl <<'STUB'
last="${*: -1}"
[[ "$*" != *fsIL* ]] || { [[ -f "$M/web/${last##*/}" ]]; exit; }
directory=.
while (($#)); do
  case "$1" in
    --output-dir) directory="$2"; shift ;;
    -O) cp "$M/web/${2##*/}" "$directory" || exit; shift ;;
  esac
  shift
done
STUB
}

# go makes every binary a copy of the stub pulumi below.
go_builds() {
  fake_pulumi >"$M/fake-pulumi"
  stub go <<'STUB'
case "$1" in
  env) echo go1.26.0 ;;
  run) echo '{"name": "schema"}' ;;
  build)
    [[ ! -f "$M/slow" ]] || sleep "$(cat "$M/slow")"
    [[ ! -f "$M/broken" ]] || { echo "missing go.sum entry"; exit 1; }
    while [[ "$1" != -o ]]; do shift; done
    cp "$M/fake-pulumi" "$2" && chmod 755 "$2" ;;
esac
STUB
}

pulumi_is_on_path() {
  fake_pulumi >"$M/bin/pulumi"
  chmod 755 "$M/bin/pulumi"
}

fake_pulumi() {
  printf '#!%s\nM=%q\n' "$(type -P bash)" "$M"
  cat <<'STUB'
printf '%s\n' "$*" >>"$M/log/pulumi"
[[ "$1" != --non-interactive ]] || shift
case "$1 ${2:-}" in
  'version '*) echo v3.250.0 ;;
  'plugin install')
    target="$PULUMI_HOME/plugins/resource-$4-v$5"
    mkdir -p "$target"
    if [[ "${6:-}" == --file ]]; then cp -r "$7"/. "$target"; else touch "$target/pulumi-resource-$4"; chmod 755 "$target/pulumi-resource-$4"; fi ;;
  'stack init')
    test -s "$PULUMI_CONFIG_PASSPHRASE_FILE" || exit 1
    directory="${PULUMI_BACKEND_URL#file://}/.pulumi/stacks/lakehouse"
    mkdir -p "$directory" && echo '{}' >"$directory/$3.json"
    echo 'encryptionsalt: v1:abc' >>Pulumi.$3.yaml ;;
esac
STUB
}
