# shellcheck shell=bash
# Builds from Go modules. Each tools/go/<name> pins a module and everything below it (go.mod, go.sum).

# build_dir NAME [VERSION]: where the cached build of tools/go/NAME is or will be; asking marks it as used. Its name is a
# hash over everything that decides what the build makes, so that clones with different recipes do not disturb each other.
build_dir() {
  local recipe dir
  recipe="$(cd "$TOOLS_DIR/go/$1" &&
    { find . -name '*.go' -o -name 'go.*' | LC_ALL=C sort | xargs cat; uname -sm; echo "${2:-}"; } | sha256sum)"
  dir="$LAKEHOUSE_CACHE/go/$1/${recipe:0:16}"
  touch -c "$dir"
  printf '%s' "$dir"
}

# go_build NAME BINARY PACKAGE [VERSION [VARIABLE]]: builds once for all clones and sets BUILD_DIR. The version is
# linked into the variable. Where there is a package `schema` it is run too, and its output kept beside the binary.
go_build() {
  BUILD_DIR="$(build_dir "$1" "${4:-}")"
  if [[ ! -x "$BUILD_DIR/$2" ]]; then locked "go-$1" go_build_locked "$@"; fi
}

go_build_locked() {
  local name="$1" binary="$2" package="$3" version="${4:-}" variable="${5:-main.version}" temporary
  if [[ -x "$BUILD_DIR/$binary" ]]; then
    say "another clone built $binary"
    return
  fi
  ensure_go
  mkdir -p "${BUILD_DIR%/*}"
  # Left over from an interrupted build: the lock says that nobody uses it.
  rm -rf "${BUILD_DIR%/*}"/building.*
  temporary="$(mktemp -d "${BUILD_DIR%/*}/building.XXXXXX")"
  chmod 755 "$temporary"
  long "building $binary from Go modules" go_compile "$temporary/$binary" "$package" "-s -w -X $variable=$version" ||
    die "$binary could not be built from Go modules." \
      "If modules could not be downloaded, check the network and 'go env GOPROXY', then run this again."
  if [[ -d "$TOOLS_DIR/go/$name/schema" ]]; then
    long "writing the schema of $binary" go_schema "$temporary/schema.json" "$version" ||
      die "The schema of $binary could not be written." "Read the log: the bridge in tools/go/$name needs a change."
  fi
  rm -rf "$BUILD_DIR"
  mv -T "$temporary" "$BUILD_DIR"
  # What no clone has used for a month is from a recipe of the past.
  find "${BUILD_DIR%/*}" -mindepth 1 -maxdepth 1 -mtime +30 -exec rm -rf {} +
  say "built $binary from Go modules"
}

# The project's settings win over the user's: modules as pinned, nothing of the machine in the binary. A Go older than a
# go.mod asks for fetches the right one as a module.
go_here() {
  env -C "$TOOLS_DIR/go/$name" CGO_ENABLED=0 GOWORK=off GOFLAGS=-mod=readonly GOTOOLCHAIN="${GOTOOLCHAIN:-auto}" go "$@"
}

go_compile() { go_here build -trimpath -buildvcs=false -ldflags "$3" -o "$1" "$2"; }

go_schema() { go_here run -trimpath -buildvcs=false ./schema "$2" >"$1"; }

ensure_go() {
  local have=
  if ! has go && is_debian && can_root; then apt_install golang-go || true; fi
  if has go; then have="$(go env GOVERSION)" && have="${have#go}"; fi
  [[ -n "$have" ]] || die "The missing tools are built with Go, which is not there." \
    "Install Go $GO_MIN or newer, then run this again."
  at_least "$have" "$GO_MIN" || die "The missing tools are built with Go, and Go $have is too old." \
    "Install Go $GO_MIN or newer, then run this again."
}
