# shellcheck shell=bash

test_engine_that_answers_is_used() {
  docker_answers
  bootstrap engine
  succeeds
  says "Docker 20.10.24 answers, using it"
}

test_engine_of_a_docker_context_is_passed_on() {
  docker_answers
  echo "unix:///home/me/.colima/docker.sock" >"$M/context"
  bootstrap engine
  succeeds
  run tools/env
  says "export DOCKER_HOST='unix:///home/me/.colima/docker.sock'"
}

test_engine_without_permission() {
  stub docker <<'STUB'
echo "permission denied while trying to connect" >&2
exit 1
STUB
  bootstrap engine
  fails
  says "error: Docker runs, but the user"
  says "sudo usermod -aG docker"
}

test_engine_named_by_docker_host_does_not_answer() {
  stub docker <<<'exit 1'
  SET=(DOCKER_HOST=tcp://10.0.0.1:2375)
  bootstrap engine
  fails
  says "error: DOCKER_HOST is set to tcp://10.0.0.1:2375, but no container engine answers there."
}

test_engine_missing_elsewhere_than_debian() {
  echo 'ID=fedora' >"$M/os-release"
  bootstrap engine
  fails
  says "error: No container engine answers. Install and start Docker"
}

test_engine_missing_without_root() {
  stub apt-get <<<'exit 1'
  chmod -R a+rwX "$M"
  run setpriv --reuid=65534 --regid=65534 --clear-groups tools/bootstrap engine
  fails
  says "error: No container engine answers, and installing one needs root or sudo."
  called_not apt-get
}

# What apt-get installs: a client that answers as soon as the daemon was started.
debian_has_docker() {
  stub apt-get <<'STUB'
[[ "$*" == *install*docker.io* ]] || exit 0
cat >"$M/bin/docker" <<CLIENT
#!$BASH
[[ -f "$M/running" ]] && echo 20.10.24
CLIENT
printf '#!%s\ntouch %q\nls -l /proc/self/fd >%q\n' "$BASH" "$M/running" "$M/log/dockerd-files" >"$M/bin/dockerd"
chmod 755 "$M/bin/docker" "$M/bin/dockerd"
STUB
}

test_engine_is_installed_on_debian_and_started_in_the_background() {
  debian_has_docker
  stub service <<<'exit 1'
  stub systemctl <<<'exit 1'
  bootstrap engine
  succeeds
  says "installed Debian's docker.io"
  says "started Docker 20.10.24 in the background, as no service manager could"
  # A daemon that kept a lock's descriptor would block every later run.
  ! grep -E '/locks/|/\.pulumi/lock' "$M/log/dockerd-files" || fail "the daemon inherited a lock"
}

test_engine_is_started_by_its_service_script() {
  debian_has_docker
  # shellcheck disable=SC2016
  stub service <<<'touch "$M/running"'
  stub systemctl <<<'exit 1'
  bootstrap engine
  succeeds
  says "started Docker 20.10.24 by its service script"
}

test_engine_cannot_be_installed() {
  stub apt-get <<<'echo "E: Unable to locate package docker.io"; exit 100'
  bootstrap engine
  fails
  says "| E: Unable to locate package docker.io"
  says "error: apt-get could not install docker.io."
}

test_base_image_that_is_there_is_used() {
  docker_answers
  touch "$M/image"
  bootstrap base-image
  succeeds
  says "debian:trixie-slim is there"
}

test_base_image_is_pulled() {
  docker_answers
  touch "$M/registry"
  bootstrap base-image
  succeeds
  says "pulled debian:trixie-slim"
}

test_base_image_is_made_from_packages() {
  docker_answers
  stub apt-get <<<'exit 0'
  stub umount <<<'exit 0'
  # The mirror has no security fixes beside the release.
  stub chroot <<<'exit 100'
  stub debootstrap <<'STUB'
root="${*: -1}"
mkdir -p "$root"/etc/dpkg/dpkg.cfg.d "$root"/etc/apt/apt.conf.d "$root"/usr/sbin "$root"/usr/share/{doc,locale,man} \
  "$root"/var/{lib,cache}/apt "$root"/tmp
echo 'deb http://mirror/debian trixie main' >"$root/etc/apt/sources.list"
STUB
  bootstrap base-image
  succeeds
  says "debian:trixie-slim cannot be pulled (no such host), making it from Debian's packages"
  says "made debian:trixie-slim"
  called chroot "apt-get update"
  called docker "import --change CMD [\"bash\"] - debian:trixie-slim"
}

test_base_image_of_the_user_cannot_be_pulled() {
  docker_answers
  echo '  lakehouse:baseImage: company/debian:13' >>"$M/project/Pulumi.local.yaml"
  bootstrap base-image
  fails
  says "error: The base image company/debian:13 is not there and cannot be pulled (no such host)."
}

test_base_image_cannot_be_made_elsewhere_than_debian() {
  docker_answers
  echo 'ID=fedora' >"$M/os-release"
  [[ ! -f /usr/share/keyrings/debian-archive-keyring.gpg ]] || rm -f "$M/bin/debootstrap"
  bootstrap base-image
  fails
  says "error: debian:trixie-slim cannot be pulled (no such host) and there is no debootstrap to make it."
}
