# shellcheck shell=bash
# The image lakehouse/node:1, made without a builder: one layer with our static programs `pause` and `probe`, as an archive
# that `docker load` and `ctr images import` read.

# make_node_image DIRECTORY ARCHIVE: from the programs in the directory.
make_node_image() {
  local work="$2.d" layer
  mkdir "$work"
  tar -C "$1" --owner=0 --group=0 -cf "$work/layer.tar" pause probe
  layer="$(sha256sum "$work/layer.tar" | cut -d' ' -f1)"
  printf '{"architecture":"%s","os":"linux","config":{"Entrypoint":["/pause"],"User":"65534"},%s}' \
    "$(image_architecture)" "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:$layer\"]}" >"$work/config.json"
  printf '[{"Config":"config.json","RepoTags":["lakehouse/node:1"],"Layers":["layer.tar"]}]' >"$work/manifest.json"
  tar -C "$work" -cf "$2" manifest.json config.json layer.tar
  rm -rf "$work"
}

# image_architecture: this machine's, as images name it.
image_architecture() {
  case "$(uname -m)" in
    x86_64) echo amd64 ;;
    aarch64) echo arm64 ;;
    *) uname -m ;;
  esac
}
