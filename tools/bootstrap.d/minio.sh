# shellcheck shell=bash
# MinIO: its makers publish no images or binaries to pin any more, so the server is built from its Go module.

ensure_minio() {
  step minio
  go_build minio minio github.com/minio/minio
  local target="$PROJECT_DIR/images/minio/bin/minio"
  if [[ "$target" -ef "$BUILD_DIR/minio" ]] || cmp -s "$target" "$BUILD_DIR/minio"; then
    say "the server for the image is in place"
    return
  fi
  mkdir -p "${target%/*}"
  rm -f "$target".*
  ln "$BUILD_DIR/minio" "$target.$$" 2>/dev/null || cp "$BUILD_DIR/minio" "$target.$$"
  mv -f "$target.$$" "$target"
  say "put the server in place for the image"
}
