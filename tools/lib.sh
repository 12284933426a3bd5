# shellcheck shell=bash
# Shared by the scripts in tools/: messages, long steps with a progress line, locks.

TOOLS_DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
PROJECT_DIR="$(dirname "$TOOLS_DIR")"
LAKEHOUSE_CACHE="${LAKEHOUSE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/lakehouse}"
# shellcheck source=versions.env
. "$TOOLS_DIR/versions.env"

# Standard output may be read by a program (tools/env), so every message goes to standard error.

# elapsed START_MS: prints the time since then, as 0.3s or 4m05s.
elapsed() {
  local ms=$(($(now_ms) - $1))
  if ((ms < 60000)); then
    printf '%d.%ds' $((ms / 1000)) $((ms % 1000 / 100))
  else
    printf '%dm%02ds' $((ms / 60000)) $((ms / 1000 % 60))
  fi
}

now_ms() {
  local now="${EPOCHREALTIME/[.,]/}"
  printf '%s' "${now%???}"
}

# step NAME: starts a step; say and die name it.
step() {
  STEP_NAME="$1"
  STEP_STARTED="$(now_ms)"
}

# say TEXT: one line that tells which way a step went, with the time since the step began.
say() {
  printf '  %-11s %s (%s)\n' "$STEP_NAME" "$1" "$(elapsed "$STEP_STARTED")" >&2
}

# die WHAT REMEDY: one sentence on what is wrong, one on what to do about it. When a long command failed, its last lines.
die() {
  if [[ -n "${LONG_LOG:-}" ]]; then
    tail -n 15 "$LONG_LOG" | sed 's/^/    | /' >&2
    printf '    (all of it: %s)\n' "$LONG_LOG" >&2
  fi
  printf 'error: %s %s\n' "$1" "$2" >&2
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# long TEXT COMMAND...: runs a command that may take long, and shows the time meanwhile: on a terminal in a line that
# counts, elsewhere in a line every half minute. Its output goes to a log file, which is kept (LONG_LOG) when it fails.
long() {
  local text="$1" log pid started status=0 ticks=0
  shift
  mkdir -p "$LAKEHOUSE_CACHE/logs"
  log="$LAKEHOUSE_CACHE/logs/$STEP_NAME-$$.log"
  started="$(now_ms)"
  [[ -t 2 ]] || printf '  %-11s %s ...\n' "$STEP_NAME" "$text" >&2
  # A process group of its own, so that an interruption can end all of it.
  set -m
  "$@" >"$log" 2>&1 </dev/null &
  pid=$! LONG_PID=$!
  set +m
  while kill -0 "$pid" 2>/dev/null; do
    if [[ -t 2 ]]; then
      printf '\r  %-11s %s ... %s\033[K' "$STEP_NAME" "$text" "$(elapsed "$started")" >&2
    elif ((ticks > 0 && ticks % 150 == 0)); then
      printf '  %-11s %s ... %s\n' "$STEP_NAME" "$text" "$(elapsed "$started")" >&2
    fi
    ticks=$((ticks + 1))
    sleep 0.2
  done
  wait "$pid" || status=$?
  LONG_PID=''
  [[ ! -t 2 ]] || printf '\r\033[K' >&2
  if ((status)); then
    LONG_LOG="$log"
    return "$status"
  fi
  LONG_LOG=''
  rm -f "$log"
}

# end_long: ends what `long` runs, when the script is interrupted.
end_long() { [[ -z "${LONG_PID:-}" ]] || kill -- "-$LONG_PID" 2>/dev/null || true; }

# locked NAME COMMAND...: runs a command while no other clone runs one under the same name.
locked() {
  local name="$1" fd
  shift
  mkdir -p "$LAKEHOUSE_CACHE/locks"
  exec {fd}>"$LAKEHOUSE_CACHE/locks/$name"
  if ! flock -n "$fd"; then
    say "another clone works on the same thing, waiting for it"
    flock "$fd"
  fi
  # The lock must not live on in a daemon or an interrupted build: children do not get the descriptor.
  "$@" {fd}>&-
  exec {fd}>&-
}

# as_root COMMAND...: with sudo where needed; can_root says whether that works without a question unless on a terminal.
as_root() {
  if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

can_root() {
  ((EUID == 0)) || { has sudo && { sudo -n true 2>/dev/null || { [[ -t 0 ]] && sudo -v; }; }; }
}

# is_debian: Debian or something made from it, with apt-get.
is_debian() {
  has apt-get && grep -qE '^ID(_LIKE)?=.*(debian|ubuntu)' "${OS_RELEASE:-/etc/os-release}" 2>/dev/null
}

# apt_install PACKAGE...: refreshes the package lists first, as a fresh machine has none.
apt_install() {
  long "apt-get update" as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq || return 1
  long "apt-get install $*" as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

# at_least HAVE WANT: compares dotted versions.
at_least() { [[ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" == "$2" ]]; }

# replace_file TARGET: writes standard input to TARGET by rename, and only when it differs. Fails when nothing changed.
replace_file() {
  local target="$1" temporary
  mkdir -p "$(dirname "$target")"
  temporary="$(mktemp "$target.XXXXXX")"
  cat >"$temporary"
  if cmp -s "$temporary" "$target"; then
    rm -f "$temporary"
    return 1
  fi
  chmod "${2:-644}" "$temporary"
  mv -f "$temporary" "$target"
}
