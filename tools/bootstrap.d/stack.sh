# shellcheck shell=bash
# Pulumi state inside the project: file backend, passphrase, the stack itself, and git kept out of it.

ensure_stack() {
  step stack
  local stack="${STACK:-local}" state="$PROJECT_DIR/.pulumi/state" name file
  DID=''
  [[ "$stack" =~ ^[a-z][a-z0-9-]{0,30}$ ]] ||
    die "'$stack' cannot be a stack's name." "Use small letters, digits and dashes, beginning with a letter."
  mkdir -p "$state"
  chmod 700 "$PROJECT_DIR/.pulumi"

  ensure_passphrase "$state"
  # The stack `aws` as well, so that `pulumi preview --stack aws` finds it.
  for name in "$stack" aws; do
    file="$state/.pulumi/stacks/$(project_name)/$name.json"
    if [[ ! -f "$file" && ("$name" == "$stack" || -f "$PROJECT_DIR/Pulumi.$name.yaml") ]]; then
      long "pulumi stack init $name" pulumi_prepared stack init "$name" --no-select ||
        die "Pulumi could not create the stack $name." "Read the log, then run this again."
      did "created $name"
    fi
  done
  select_default "$stack"
  ensure_git_filter
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
  # A salt of another passphrase, left from a state that is gone, would be refused.
  for file in "$PROJECT_DIR"/Pulumi.*.yaml; do
    if grep -q '^encryptionsalt: ' "$file"; then sed -i '/^encryptionsalt: /d' "$file"; fi
  done
  did "made a passphrase"
}

# Pulumi writes the salt of the passphrase into the committed Pulumi.<stack>.yaml. It belongs to this clone alone, so a
# git filter (see .gitattributes) leaves that line out of what git compares and commits, and puts it back on a checkout.
ensure_git_filter() {
  local file clean="sed '/^encryptionsalt: /d'" smudge="sh -c 'cat && cat \".pulumi/salt/\$0\" 2>/dev/null || :' %f"
  git -C "$PROJECT_DIR" rev-parse --git-dir >/dev/null 2>&1 || return 0
  if [[ "$(git -C "$PROJECT_DIR" config --get filter.pulumi-salt.clean)" != "$clean" ||
    "$(git -C "$PROJECT_DIR" config --get filter.pulumi-salt.smudge)" != "$smudge" ]]; then
    git -C "$PROJECT_DIR" config filter.pulumi-salt.clean "$clean"
    git -C "$PROJECT_DIR" config filter.pulumi-salt.smudge "$smudge"
    did "git keeps its salt out of commits"
  fi
  mkdir -p "$PROJECT_DIR/.pulumi/salt"
  while IFS= read -r file; do
    sed -n '/^encryptionsalt: /p' "$PROJECT_DIR/$file" | replace_file "$PROJECT_DIR/.pulumi/salt/$file" || true
    # Git compares the size first: without a look at the content it would call the file modified.
    if git -C "$PROJECT_DIR" diff --quiet -- "$file" 2>/dev/null; then git -C "$PROJECT_DIR" update-index -- "$file" || true; fi
  done < <(git -C "$PROJECT_DIR" ls-files 'Pulumi.*.yaml')
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
