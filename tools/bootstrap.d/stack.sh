# shellcheck shell=bash
# Pulumi state inside the project: file backend, passphrase, the stack itself, and git kept out of it.

ensure_stack() {
  step stack
  local stack="${STACK:-local}" state="$PROJECT_DIR/.pulumi/state" file
  DID=''
  [[ "$stack" =~ ^[a-z][a-z0-9-]{0,30}$ ]] ||
    die "'$stack' cannot be a stack's name." "Use small letters, digits and dashes, beginning with a letter."
  mkdir -p "$state"
  chmod 700 "$PROJECT_DIR/.pulumi"

  ensure_passphrase "$state"
  ensure_git_filter
  file="$state/.pulumi/stacks/$(project_name)/$stack.json"
  if [[ ! -f "$file" ]]; then
    long "pulumi stack init $stack" pulumi_prepared stack init "$stack" --no-select ||
      die "Pulumi could not create the stack $stack." "Read the log, then run this again."
    did "created"
  fi
  select_default "$stack"
  say "$stack: ${DID}state in .pulumi/state"
}

# did TEXT: what this run had to do, for the line at the end.
did() { DID+="$1, "; }

project_name() { sed -n 's/^name: *//p' "$PROJECT_DIR/Pulumi.yaml"; }

# The passphrase that encrypts the state's secrets: made once, readable by its owner only, never on a command line.
ensure_passphrase() {
  local file="$PROJECT_DIR/.pulumi/passphrase"
  [[ ! -s "$file" ]] || return 0
  if compgen -G "$1/.pulumi/stacks/*/*.json" >/dev/null; then
    die "The passphrase in .pulumi/passphrase is gone, but .pulumi/state holds stacks that are encrypted with it." \
      "Put the file back, or delete .pulumi/state if nothing of it runs any more."
  fi
  (umask 077 && head -c 32 /dev/urandom | base64 >"$file.new" && mv "$file.new" "$file")
  did "made a passphrase"
}

# Pulumi writes the salt of the passphrase into the committed Pulumi.<stack>.yaml. It belongs to this clone alone, so
# git is told (see .gitattributes) to leave that line out of what it compares and commits.
ensure_git_filter() {
  local clean="sed '/^encryptionsalt: /d'"
  git -C "$PROJECT_DIR" rev-parse --git-dir >/dev/null 2>&1 || return 0
  [[ "$(git -C "$PROJECT_DIR" config --get filter.pulumi-salt.clean)" != "$clean" ]] || return 0
  git -C "$PROJECT_DIR" config filter.pulumi-salt.clean "$clean"
  git -C "$PROJECT_DIR" config filter.pulumi-salt.smudge cat
  did "git keeps its salt out of commits"
}

# A plain `pulumi preview` in a prepared shell works on `local`, until the user selects another one.
select_default() {
  local mark="$PROJECT_DIR/.pulumi/selected"
  [[ "$1" == local ]] || return 0
  [[ ! -f "$mark" || "$(<"$mark")" != "$PULUMI_HOME" ]] || return 0
  pulumi_prepared stack select "$1" >&2 || die "Pulumi could not select the stack $1." "Read the message above, then run this again."
  printf '%s' "$PULUMI_HOME" >"$mark"
  did "selected"
}

# pulumi_prepared: in the environment that a prepared shell has.
pulumi_prepared() (
  cd "$PROJECT_DIR" || exit
  eval "$(prepared_environment)"
  pulumi --non-interactive "$@"
)
