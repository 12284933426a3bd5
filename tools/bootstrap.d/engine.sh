# shellcheck shell=bash
# Container engine: use the one that answers; on Debian and Ubuntu install and start it; elsewhere say what to install.
# Sets ENGINE_HOST where the engine is chosen by a Docker context, which Pulumi's provider does not look at.

ENGINE_HELP="Install and start Docker (Docker Desktop, OrbStack, Colima or your distribution's package), then run this again."

engine_version() { docker version --format '{{.Server.Version}}' 2>/dev/null; }

ensure_engine() {
  step engine
  if has docker; then
    local answer
    if answer="$(engine_version)" && [[ -n "$answer" ]]; then
      engine_host
      say "Docker $answer answers, using it"
      return
    fi
    answer="$(docker version 2>&1 >/dev/null || true)"
    if [[ "$answer" == *"permission denied"* ]]; then
      die "Docker runs, but the user $(id -un) may not use it." \
        "Run 'sudo usermod -aG docker $(id -un)', log out and in again, then run this again."
    fi
    if [[ -n "${DOCKER_HOST:-}" ]]; then
      die "DOCKER_HOST is set to $DOCKER_HOST, but no container engine answers there." "Start it, or unset DOCKER_HOST."
    fi
  fi
  is_debian || die "No container engine answers." "$ENGINE_HELP"
  can_root || die "No container engine answers, and installing one needs root or sudo." "$ENGINE_HELP"
  locked engine install_and_start_engine
}

engine_host() {
  local host
  ENGINE_HOST=''
  [[ -z "${DOCKER_HOST:-}" ]] || return 0
  host="$(docker context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null)" || return 0
  [[ "$host" == unix:///var/run/docker.sock ]] || ENGINE_HOST="$host"
}

install_and_start_engine() {
  if [[ -n "$(engine_version)" ]]; then
    say "another clone started Docker, using it"
    return
  fi
  if ! has dockerd; then
    apt_install docker.io || die "apt-get could not install docker.io." "$ENGINE_HELP"
    say "no engine was there: installed Debian's docker.io"
  fi
  start_engine
}

start_engine() {
  local how log=/var/log/lakehouse-dockerd.log
  if [[ -d /run/systemd/system ]] && as_root systemctl start docker >/dev/null 2>&1; then
    how="by systemd"
  elif has service && as_root service docker start >/dev/null 2>&1 && wait_engine 5; then
    how="by its service script"
  else
    # No service manager (a container, a small virtual machine): a session of its own, so that it outlives this shell.
    # shellcheck disable=SC2016
    as_root sh -c 'exec setsid nohup dockerd >>"$0" 2>&1 </dev/null &' "$log"
    how="in the background, as no service manager could (log: $log)"
  fi
  if ! wait_engine 60; then
    as_root tail -n 10 "$log" 2>/dev/null | sed 's/^/    | /' >&2
    die "Docker is installed but does not answer." "Start it ('dockerd' as root shows why it fails), then run this again."
  fi
  if ! docker version >/dev/null 2>&1; then
    as_root usermod -aG docker "$(id -un)"
    die "Docker runs now and the user $(id -un) was added to its group, which counts from the next login." \
      "Log out and in again (or run 'newgrp docker'), then run this again."
  fi
  say "started Docker $(engine_version) $how"
}

# wait_engine SECONDS: until the daemon answers root.
wait_engine() {
  local deadline=$((SECONDS + $1))
  until as_root docker version >/dev/null 2>&1; do
    ((SECONDS < deadline)) || return 1
    sleep 0.3
  done
}
