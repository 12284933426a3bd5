# shellcheck shell=bash
# The environment of a prepared shell. What bootstrap found on this machine is kept in .pulumi/machine.

MACHINE_FILE="$PROJECT_DIR/.pulumi/machine"

# save_machine: remembers what the steps found.
save_machine() {
  {
    local name
    for name in PULUMI_BIN PULUMI_HOME ENGINE_HOST; do printf '%s=%q\n' "$name" "${!name:-}"; done
  } | replace_file "$MACHINE_FILE" || true
}

# prepared_environment: prints shell lines for bash, zsh or sh.
prepared_environment() {
  if [[ -n "$PULUMI_BIN" ]]; then
    # Not put on PATH twice when the lines are read again.
    # shellcheck disable=SC2016
    printf 'case ":$PATH:" in *:%s:*) ;; *) export PATH=%s:"$PATH" ;; esac\n' "$(quoted "$PULUMI_BIN")" "$(quoted "$PULUMI_BIN")"
  fi
  export_line PULUMI_HOME "$PULUMI_HOME"
  export_line PULUMI_BACKEND_URL "file://$PROJECT_DIR/.pulumi/state"
  # Pulumi would prefer a passphrase in the environment, which belongs to some other project.
  printf 'unset PULUMI_CONFIG_PASSPHRASE\n'
  export_line PULUMI_CONFIG_PASSPHRASE_FILE "$PROJECT_DIR/.pulumi/passphrase"
  # Brings the salt back from the state after a checkout has reset Pulumi.<stack>.yaml.
  export_line PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER true
  export_line PULUMI_SKIP_UPDATE_CHECK true
  # What this machine needs is installed. As the SDKs of aws and kubernetes are in node_modules, Pulumi would download their
  # plugins too, hundreds of megabytes; where nothing can be downloaded, trying takes half of a preview.
  export_line PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION true
  [[ -z "$ENGINE_HOST" ]] || export_line DOCKER_HOST "$ENGINE_HOST"
}

export_line() { printf 'export %s=%s\n' "$1" "$(quoted "$2")"; }

# quoted TEXT: in single quotes, for any shell.
quoted() { printf "'%s'" "${1//\'/\'\\\'\'}"; }
