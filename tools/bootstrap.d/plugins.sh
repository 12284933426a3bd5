# shellcheck shell=bash
# Resource plugins in the versions that the SDKs in node_modules ask for: installed ones, else published, else built.
# Sets PULUMI_HOME, where Pulumi keeps them.

PLUGIN_DOWNLOADS="https://get.pulumi.com/releases/plugins"

ensure_plugins() {
  local name version
  step plugins
  PULUMI_HOME="$(plugins_home)"
  mkdir -p "$PULUMI_HOME"
  touch "$PULUMI_HOME"
  for name in docker random; do
    version="$(sdk_version "$name")"
    [[ -n "$version" ]] || die "The package @pulumi/$name is not installed." "Run tools/bootstrap without arguments."
    if ! plugin_is_installed "$name" "$version"; then locked plugins install_plugin "$name" "$version"; fi
    say "$name $version, $(plugin_origin "$name" "$version"), is installed"
  done
}

# plugins_home: one per pair of recipes, so that a clone with other ones does not change what this one runs.
plugins_home() {
  local recipes
  recipes="$(build_dir provider-docker "$(sdk_version docker)") $(build_dir provider-random "$(sdk_version random)")"
  recipes="$(sha256sum <<<"${recipes//$LAKEHOUSE_CACHE/}")"
  printf '%s/pulumi-home/%s' "$LAKEHOUSE_CACHE" "${recipes:0:16}"
}

sdk_version() { sed -n 's/^ *"version": "\([^"]*\)".*/\1/p' "$PROJECT_DIR/node_modules/@pulumi/$1/package.json" 2>/dev/null | head -n 1; }

plugin_dir() { printf '%s/plugins/resource-%s-v%s' "$PULUMI_HOME" "$1" "$2"; }

plugin_origin() { if [[ -f "$(plugin_dir "$1" "$2")/built" ]]; then echo "built from Go modules"; else echo published; fi; }

plugin_is_installed() {
  local dir
  dir="$(plugin_dir "$1" "$2")"
  [[ -x "$dir/pulumi-resource-$1" && ! -e "$dir.partial" ]]
}

install_plugin() {
  local name="$1" version="$2"
  if plugin_is_installed "$name" "$version"; then return; fi
  # As with the CLI, a build that is there is used without asking the network.
  if [[ ! -x "$(build_dir "provider-$name" "$version")/pulumi-resource-$name" ]]; then
    if reachable "$PLUGIN_DOWNLOADS/pulumi-resource-$name-v$version-$(plugin_platform).tar.gz"; then
      if long "downloading the plugin $name $version" pulumi_here plugin install resource "$name" "$version" --reinstall; then
        return
      fi
      say "the published plugin $name $version could not be installed (log: $LONG_LOG), building it"
    else
      say "the published plugin $name $version cannot be reached, building it from Go modules (takes minutes, once per machine)"
    fi
  fi
  go_build "provider-$name" "pulumi-resource-$name" . "$version"
  touch "$BUILD_DIR/built"
  long "installing the plugin $name $version" \
    pulumi_here plugin install resource "$name" "$version" --file "$BUILD_DIR" --reinstall ||
    die "Pulumi could not install the built plugin $name $version." "Read the log, then run this again."
  find "${PULUMI_HOME%/*}" -mindepth 1 -maxdepth 1 -mtime +30 -exec rm -rf {} +
}

plugin_platform() { case "$(uname -m)" in x86_64) echo linux-amd64 ;; *) echo linux-arm64 ;; esac; }

# pulumi_here: the CLI that step pulumi found, with the project's own home for plugins.
pulumi_here() {
  PATH="${PULUMI_BIN:+$PULUMI_BIN:}$PATH" PULUMI_HOME="$PULUMI_HOME" PULUMI_SKIP_UPDATE_CHECK=true pulumi --non-interactive "$@"
}
