# shellcheck shell=bash
# Node.js from the machine; packages from the lock file, when that changed since the last run.

ensure_node() {
  step node
  local have
  { has node && has npm; } || die "Node.js with npm is not there." "Install Node.js $NODE_MIN or newer, then run this again."
  have="$(node --version)"
  at_least "${have#v}" "$NODE_MIN" || die "Node.js ${have#v} is too old." "Install Node.js $NODE_MIN or newer, then run this again."

  # npm ci removes node_modules first, so the mark never outlives the packages it stands for.
  local mark="$PROJECT_DIR/node_modules/.lakehouse-lock" lock
  lock="$(cat "$PROJECT_DIR"/package.json "$PROJECT_DIR"/package-lock.json | sha256sum)"
  if [[ -f "$mark" && "$(<"$mark")" == "$lock" ]]; then
    say "Node.js ${have#v}; packages are as the lock file says"
    return
  fi
  long "npm ci" npm ci --prefix "$PROJECT_DIR" --no-audit --no-fund --loglevel=error ||
    die "npm ci failed." "Check the network and 'npm config get registry', then run this again."
  printf '%s' "$lock" >"$mark"
  say "Node.js ${have#v}; installed the packages of the lock file"
}
