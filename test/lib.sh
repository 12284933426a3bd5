# shellcheck shell=bash
# Shared by test/check, test/run and test/e2e/run: Python environments, Debian packages, children and their end, counts.

TEST_DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=tools/lib.sh
. "$TEST_DIR/../tools/lib.sh"
# shellcheck disable=SC2034
ARTEFACTS="$TEST_DIR/artefacts"

# python_env_of LOCK: puts the path of the environment with the packages of a lock file into PYTHON_ENV.
python_env_of() {
  PYTHON_ENV="$LAKEHOUSE_CACHE/test/venv-$(recipe "$1")"
}

# python_env LOCK: makes that environment, once for all clones.
python_env() {
  step python
  python_env_of "$1"
  [[ -e "$PYTHON_ENV/.complete" ]] || locked test-venv make_python_env "$1"
}

make_python_env() {
  if [[ -e "$PYTHON_ENV/.complete" ]]; then
    say "another clone made the test environment"
    return
  fi
  ensure_uv
  rm -rf "$PYTHON_ENV"
  "$UV" venv -q --no-project --python "$(command -v python3)" "$PYTHON_ENV"
  # sync, as the lock is complete: nothing is resolved anew.
  long "installing the packages of ${1#"$PROJECT_DIR"/}" \
    "$UV" pip sync -q --no-progress --require-hashes --python "$PYTHON_ENV" "$1" ||
    die "The Python packages of ${1#"$PROJECT_DIR"/} could not be installed." "Check the network, then run this again."
  touch "$PYTHON_ENV/.complete"
}

# The installer is the one that the images use, pinned and checksummed there.
ensure_uv() {
  local lock="$PROJECT_DIR/images/base/uv.txt" directory
  directory="$LAKEHOUSE_CACHE/test/uv-$(recipe "$lock")"
  UV="$directory/bin/uv"
  [[ -e "$directory/.complete" ]] && return
  rm -rf "$directory"
  python3 -m venv "$directory" >/dev/null 2>&1 || {
    # Debian's python3 comes without the parts that make an environment.
    rm -rf "$directory"
    { is_debian && can_root && apt_install python3-venv && python3 -m venv "$directory" >/dev/null; } ||
      die "Python 3 cannot make virtual environments." "Install Python 3.11 or newer with venv and pip, then run this again."
  }
  long "installing uv" "$directory/bin/pip" install -q --disable-pip-version-check --require-hashes -r "$lock" ||
    die "uv could not be installed." "Check the network, then run this again."
  touch "$directory/.complete"
}

# recipe FILE: a hash over what decides how an environment turns out.
recipe() {
  { python3 -c 'import sys; print(sys.version, sys.prefix)' && uname -sm && cat "$1"; } | sha256sum | cut -c1-16
}

# debian_package COMMAND PACKAGE: installs the package unless the command is there.
debian_package() {
  has "$1" && return
  is_debian && can_root && locked apt apt_install "$2" && has "$1"
}

# child COMMAND...: runs it so that a signal to this script ends it first, with all that it started; its exit code.
child() {
  local status=0
  # A session of its own: the terminal's Ctrl-C reaches this script alone, which then ends the child in order.
  setsid "$@" &
  CHILD=$!
  wait "$CHILD" || status=$?
  CHILD=
  return "$status"
}

# end_child_on_signals SECONDS: to be called once, before child; the time that the child gets to end in order.
end_child_on_signals() {
  CHILD=
  CHILD_GRACE="$1"
  trap 'end_child 130' INT
  trap 'end_child 143' TERM
}

end_child() {
  trap '' INT TERM
  if [[ -n "$CHILD" ]]; then
    kill -TERM "$CHILD" 2>/dev/null || true
    local deadline=$((SECONDS + CHILD_GRACE))
    while kill -0 "$CHILD" 2>/dev/null && ((SECONDS < deadline)); do sleep 0.2; done
    # Whatever it left running in its session.
    pkill -KILL --session "$CHILD" 2>/dev/null || true
  fi
  exit "$1"
}

# sum_counts FILE...: adds up lines of "passed failed skipped" into PASSED, FAILED and SKIPPED.
sum_counts() {
  read -r PASSED FAILED SKIPPED < <(cat "$@" 2>/dev/null | awk '{ p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }')
}

# print_counts: the line that people and machines look for at the end.
print_counts() {
  printf '%d passed, %d failed%s\n' "$PASSED" "$FAILED" "$( ((SKIPPED)) && printf ', %d skipped' "$SKIPPED")"
}

# junit_counts FILE STATUS: "passed failed skipped" of a JUnit file; a run without one, or without a test, has failed.
junit_counts() {
  python3 - "$1" "$2" <<'PY'
import sys
import xml.etree.ElementTree as ET

try:
    suites = list(ET.parse(sys.argv[1]).getroot().iter("testsuite"))
except (OSError, ET.ParseError):
    suites = []
total = {key: sum(int(suite.get(key, 0)) for suite in suites) for key in ("tests", "failures", "errors", "skipped")}
failed = total["failures"] + total["errors"]
if sys.argv[2] != "0" and not failed:
    failed = 1
print(max(total["tests"] - total["failures"] - total["errors"] - total["skipped"], 0), failed, total["skipped"])
PY
}
