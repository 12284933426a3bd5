# shellcheck shell=bash
# Pulumi CLI and its Node.js language host: the one on PATH; else the published one; else built from Go modules.
# Sets PULUMI_BIN, the directory to put on PATH; empty where pulumi is on it already.

PULUMI_DOWNLOADS="https://get.pulumi.com/releases/sdk"

ensure_pulumi() {
  step pulumi
  local on_path
  if on_path="$(pulumi_on_path)"; then
    PULUMI_BIN=''
    say "pulumi $on_path is on PATH, using it"
    return
  fi
  # A cached one is used as it is, whichever way it was made: no network is needed then.
  PULUMI_BIN="$LAKEHOUSE_CACHE/pulumi/$PULUMI_VERSION"
  if [[ -x "$PULUMI_BIN/pulumi" ]]; then
    say "pulumi $PULUMI_VERSION, published, is cached"
    return
  fi
  if pulumi_is_built; then
    say "pulumi $PULUMI_VERSION, built from Go modules, is cached"
    return
  fi
  if reachable "$PULUMI_DOWNLOADS/$(pulumi_archive)"; then
    PULUMI_BIN="$LAKEHOUSE_CACHE/pulumi/$PULUMI_VERSION"
    locked pulumi-published download_pulumi
    return
  fi
  say "Pulumi's own download site cannot be reached, building from Go modules (takes minutes, once per machine)"
  build_pulumi
}

# pulumi_on_path: prints the version of a usable CLI on PATH, one that is not our own cache's.
pulumi_on_path() {
  local binary version
  binary="$(type -P pulumi)" || return 1
  [[ "$binary" != "$LAKEHOUSE_CACHE"/* ]] || return 1
  version="$(PULUMI_SKIP_UPDATE_CHECK=true pulumi version 2>/dev/null)" || return 1
  version="${version#v}"
  # shellcheck disable=SC2153
  if [[ "$version" != 3.* ]] || ! at_least "$version" "$PULUMI_MIN"; then
    say "pulumi $version on PATH is not 3.x from $PULUMI_MIN on, leaving it alone"
    return 1
  fi
  if ! has pulumi-language-nodejs && [[ ! -x "$(dirname "$(readlink -f "$binary")")/pulumi-language-nodejs" ]]; then
    say "pulumi $version on PATH has no pulumi-language-nodejs beside it, leaving it alone"
    return 1
  fi
  printf '%s' "$version"
}

# pulumi_archive: the file name of the published archive for this machine.
pulumi_archive() {
  local processor
  case "$(uname -m)" in x86_64) processor=x64 ;; *) processor=arm64 ;; esac
  printf 'pulumi-v%s-linux-%s.tar.gz' "$PULUMI_VERSION" "$processor"
}

# reachable URL: answers within a few seconds. LAKEHOUSE_OFFLINE=1 skips the question.
reachable() {
  [[ -z "${LAKEHOUSE_OFFLINE:-}" ]] && has curl && curl -fsIL --connect-timeout 3 --max-time 6 -o /dev/null "$1" 2>/dev/null
}

download_pulumi() {
  if [[ -x "$PULUMI_BIN/pulumi" ]]; then
    say "another clone downloaded pulumi $PULUMI_VERSION"
    return
  fi
  local archive temporary checksums
  archive="$(pulumi_archive)"
  checksums="pulumi-$PULUMI_VERSION-checksums.txt"
  mkdir -p "${PULUMI_BIN%/*}"
  rm -rf "${PULUMI_BIN%/*}"/download.*
  temporary="$(mktemp -d "${PULUMI_BIN%/*}/download.XXXXXX")"
  long "downloading pulumi $PULUMI_VERSION" \
    curl -fsSL --retry 2 --output-dir "$temporary" -O "$PULUMI_DOWNLOADS/$archive" -O "$PULUMI_DOWNLOADS/$checksums" ||
    die "pulumi $PULUMI_VERSION could not be downloaded." \
      "Install Pulumi 3.x yourself, or set LAKEHOUSE_OFFLINE=1 to build it from Go modules, then run this again."
  (cd "$temporary" && grep " \*\{0,1\}$archive\$" "$checksums" | sha256sum --check --status --strict -) ||
    die "The downloaded $archive does not have the checksum its publisher states." \
      "Run this again; if it stays so, something between you and the publisher changes downloads."
  mkdir "$temporary/unpacked"
  tar -xzf "$temporary/$archive" -C "$temporary/unpacked" --strip-components=1
  mv -T "$temporary/unpacked" "$PULUMI_BIN"
  rm -rf "$temporary"
  say "downloaded pulumi $PULUMI_VERSION, checksum verified"
}

# Both binaries end up in one directory: the CLI looks for the language host beside itself.
build_pulumi() {
  local language
  go_build language-nodejs pulumi-language-nodejs github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs \
    "v$LANGUAGE_NODEJS_VERSION" "$PULUMI_VERSION_VARIABLE"
  language="$BUILD_DIR/pulumi-language-nodejs"
  go_build pulumi pulumi github.com/pulumi/pulumi/pkg/v3/cmd/pulumi "v$PULUMI_VERSION" "$PULUMI_VERSION_VARIABLE"
  PULUMI_BIN="$BUILD_DIR"
  [[ "$language" -ef "$BUILD_DIR/pulumi-language-nodejs" ]] || ln -f "$language" "$BUILD_DIR/pulumi-language-nodejs"
}

PULUMI_VERSION_VARIABLE=github.com/pulumi/pulumi/sdk/v3/go/common/version.Version

pulumi_is_built() {
  PULUMI_BIN="$(build_dir pulumi "v$PULUMI_VERSION")"
  [[ -x "$PULUMI_BIN/pulumi" &&
    "$PULUMI_BIN/pulumi-language-nodejs" -ef "$(build_dir language-nodejs "v$LANGUAGE_NODEJS_VERSION")/pulumi-language-nodejs" ]]
}
