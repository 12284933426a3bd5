# shellcheck shell=bash
# Base image: use what the engine has; else pull it; else make it from Debian's packages.

ensure_base_image() {
  step base-image
  local image
  image="$(base_image)"
  if docker image inspect "$image" >/dev/null 2>&1; then
    say "$image is there"
    return
  fi
  locked base-image make_base_image "$image"
}

# base_image: what the stack's configuration names, else the default. LAKEHOUSE_BASE_IMAGE wins.
base_image() {
  local configured
  configured="$(sed -n 's/^  lakehouse:baseImage: *//p' "$PROJECT_DIR/Pulumi.${STACK:-local}.yaml" 2>/dev/null)"
  printf '%s' "${LAKEHOUSE_BASE_IMAGE:-${configured:-$BASE_IMAGE}}"
}

make_base_image() {
  local image="$1"
  if docker image inspect "$image" >/dev/null 2>&1; then
    say "another clone made $image"
    return
  fi
  if long "docker pull $image" timeout 300 docker pull "$image"; then
    say "pulled $image"
    return
  fi
  local reason
  reason="$(tail -n 1 "$LONG_LOG" | cut -c1-160)"
  if [[ "$image" != "$BASE_IMAGE" ]]; then
    die "The base image $image is not there and cannot be pulled ($reason)." \
      "Check the name in lakehouse:baseImage, or use the default $BASE_IMAGE."
  fi
  local help="Pull or load $image into Docker by other means, then run this again."
  if ! has debootstrap || [[ ! -f /usr/share/keyrings/debian-archive-keyring.gpg ]]; then
    if ! is_debian || ! can_root; then
      die "$image cannot be pulled ($reason) and there is no debootstrap to make it." "$help"
    fi
    apt_install debootstrap debian-archive-keyring || die "apt-get could not install debootstrap." "$help"
  fi
  can_root || die "$image cannot be pulled, and making it with debootstrap needs root or sudo." "$help"
  say "$image cannot be pulled ($reason), making it from Debian's packages"
  long "debootstrap $DEBIAN_RELEASE" as_root bash "$TOOLS_DIR/bootstrap.d/debootstrap-image" "$DEBIAN_RELEASE" "$image" ||
    die "debootstrap could not make $image." "$help"
  say "made $image"
}
