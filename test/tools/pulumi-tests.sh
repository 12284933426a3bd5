# shellcheck shell=bash

test_versions_agree_with_the_go_modules() {
  # shellcheck source=../../tools/versions.env
  . "$SOURCE/tools/versions.env"
  OUTPUT="$(cat "$SOURCE"/tools/go/{pulumi,language-nodejs}/go.mod)"
  says "github.com/pulumi/pulumi/pkg/v3 v$PULUMI_VERSION"
  says "github.com/pulumi/pulumi/sdk/v3 v$LANGUAGE_NODEJS_VERSION"
  OUTPUT="$(cat "$SOURCE/Pulumi.yaml")"
  says "default: $BASE_IMAGE"
}

test_pulumi_on_path_is_used() {
  pulumi_is_on_path
  stub pulumi-language-nodejs <<<''
  bootstrap pulumi
  succeeds
  says "pulumi 3.250.0 is on PATH, using it"
  run tools/env
  says_not "export PATH"
}

test_pulumi_on_path_that_is_too_old_is_left_alone() {
  stub pulumi <<<'echo v2.25.0'
  go_builds
  bootstrap pulumi
  succeeds
  says "pulumi 2.25.0 on PATH is not 3.x from 3.200.0 on, leaving it alone"
  says "built pulumi from Go modules"
}

test_pulumi_on_path_without_language_host_is_left_alone() {
  pulumi_is_on_path
  go_builds
  bootstrap pulumi
  succeeds
  says "pulumi 3.250.0 on PATH has no pulumi-language-nodejs beside it, leaving it alone"
}

# published_pulumi: the archive and its checksums, as the publisher serves them.
published_pulumi() {
  local processor=arm64
  [[ "$(uname -m)" != x86_64 ]] || processor=x64
  curl_reaches_web
  mkdir "$M/pulumi"
  fake_pulumi >"$M/pulumi/pulumi"
  chmod 755 "$M/pulumi/pulumi"
  tar -C "$M" -czf "$M/web/pulumi-v3.250.0-linux-$processor.tar.gz" pulumi
  (cd "$M/web" && sha256sum ./*.tar.gz | sed 's|\./||' >pulumi-3.250.0-checksums.txt)
}

test_pulumi_is_downloaded() {
  published_pulumi
  bootstrap pulumi
  succeeds
  says "downloaded pulumi 3.250.0, checksum verified"
  exists cache/pulumi/3.250.0/pulumi
  bootstrap pulumi
  succeeds
  says "pulumi 3.250.0, published, is cached"
}

test_pulumi_with_another_checksum_is_refused() {
  published_pulumi
  sed -i 's/^./0/; s/^.\{8\}/00000000/' "$M/web/pulumi-3.250.0-checksums.txt"
  bootstrap pulumi
  fails
  says "does not have the checksum its publisher states"
  exists_not cache/pulumi/3.250.0
}

test_pulumi_without_a_published_checksum_is_refused() {
  published_pulumi
  echo 'abc  another-file' >"$M/web/pulumi-3.250.0-checksums.txt"
  bootstrap pulumi
  fails
  says "does not have the checksum its publisher states"
}

test_pulumi_is_built_where_it_cannot_be_downloaded() {
  stub curl <<<'exit 6'
  go_builds
  bootstrap pulumi
  succeeds
  says "Pulumi's own download site cannot be reached, building from Go modules"
  says "built pulumi-language-nodejs from Go modules"
  says "built pulumi from Go modules"
  called go "-ldflags -s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v3.250.0"
  bootstrap pulumi
  succeeds
  says "pulumi 3.250.0, built from Go modules, is cached"
}

test_offline_does_not_ask_the_network() {
  stub curl <<<'exit 0'
  go_builds
  SET=(LAKEHOUSE_OFFLINE=1)
  bootstrap pulumi
  succeeds
  called_not curl
}

test_go_is_missing() {
  echo 'ID=fedora' >"$M/os-release"
  bootstrap pulumi
  fails
  says "error: The missing tools are built with Go, which is not there. Install Go 1.21 or newer"
}

test_go_is_installed_on_debian() {
  go_builds
  mv "$M/bin/go" "$M/go-of-debian"
  # shellcheck disable=SC2016
  stub apt-get <<<'[[ "$*" != *install*golang-go* ]] || mv "$M/go-of-debian" "$M/bin/go"'
  bootstrap pulumi
  succeeds
  says "built pulumi from Go modules"
}

test_go_is_too_old() {
  stub go <<<'echo go1.19.8'
  bootstrap pulumi
  fails
  says "error: The missing tools are built with Go, and Go 1.19.8 is too old. Install Go 1.21 or newer"
}

test_build_that_fails_leaves_nothing_and_shows_its_log() {
  go_builds
  touch "$M/broken"
  bootstrap pulumi
  fails
  says "| missing go.sum entry"
  says "error: pulumi-language-nodejs could not be built from Go modules."
  rm "$M/broken"
  bootstrap pulumi
  succeeds
}

test_interrupted_build_is_taken_up_again() {
  go_builds
  echo 30 >"$M/slow"
  run timeout --signal=TERM 1 tools/bootstrap pulumi
  fails
  exists_not cache/go/language-nodejs/*/pulumi-language-nodejs
  ! find /proc -maxdepth 2 -name environ -exec grep -lq "LAKEHOUSE_CACHE=$M/cache" {} + 2>/dev/null || fail "a build goes on"
  rm "$M/slow"
  bootstrap pulumi
  succeeds
  [[ -z "$(find "$M/cache/go" -name 'building.*')" ]] || fail "a half-made build is left"
}

test_two_clones_build_once() {
  go_builds
  echo 1 >"$M/slow"
  cp -r "$M/project" "$M/second"
  env -i PATH="$M/bin" HOME="$M/home" LAKEHOUSE_CACHE="$M/cache" "$M/second/tools/bootstrap" pulumi >"$M/log/second" 2>&1 &
  bootstrap pulumi
  succeeds
  wait $! || { OUTPUT="$(cat "$M/log/second")" && fail "the second clone failed"; }
  [[ "$(grep -c '^build' "$M/log/go")" == 2 ]] || fail "built more than once: $(calls go)"
}

test_plugins_are_downloaded() {
  local processor=arm64
  [[ "$(uname -m)" != x86_64 ]] || processor=amd64
  pulumi_is_on_path
  stub pulumi-language-nodejs <<<''
  curl_reaches_web
  touch "$M/web/pulumi-resource-docker-v5.2.0-linux-$processor.tar.gz" "$M/web/pulumi-resource-random-v4.21.2-linux-$processor.tar.gz"
  bootstrap pulumi plugins
  succeeds
  says "docker 5.2.0, published, is installed"
  called pulumi "plugin install resource random 4.21.2 --reinstall"
  run tools/env
  says "export PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION='true'"
}

test_plugins_are_built_where_they_cannot_be_downloaded() {
  go_builds
  bootstrap pulumi plugins
  succeeds
  says "the published plugin docker 5.2.0 cannot be reached, building it from Go modules"
  says "docker 5.2.0, built from Go modules, is installed"
  called go "-X main.version=4.21.2"
  run bash -c 'eval "$(tools/env)" && ls "$PULUMI_HOME/plugins/resource-docker-v5.2.0"'
  says schema.json
  : >"$M/log/go"
  bootstrap plugins
  succeeds
  [[ -z "$(calls go)" ]] || fail "built again"
}

test_plugins_are_built_anew_from_another_recipe() {
  go_builds
  bootstrap pulumi plugins
  echo '// changed' >>"$M/project/tools/go/provider-random/main.go"
  : >"$M/log/go"
  bootstrap plugins
  succeeds
  says "built pulumi-resource-random from Go modules"
  says_not "built pulumi-resource-docker from Go modules"
}

test_builds_of_old_recipes_are_removed_after_a_month() {
  go_builds
  mkdir -p "$M/cache/go/minio"/{old,recent}
  touch -d '40 days ago' "$M/cache/go/minio/old"
  bootstrap minio
  succeeds
  exists_not cache/go/minio/old
  exists cache/go/minio/recent
}

test_published_plugin_that_cannot_be_installed_is_built() {
  published_pulumi
  go_builds
  local processor=arm64
  [[ "$(uname -m)" != x86_64 ]] || processor=amd64
  touch "$M/web/pulumi-resource-docker-v5.2.0-linux-$processor.tar.gz"
  bootstrap pulumi
  sed -i '2i [[ "$*" != *docker*--reinstall || "$*" == *--file* ]] || { echo "403"; exit 1; }' "$M/cache/pulumi/3.250.0/pulumi"
  bootstrap plugins
  succeeds
  says "the published plugin docker 5.2.0 could not be installed"
  says "docker 5.2.0, built from Go modules, is installed"
}
