# shellcheck shell=bash

test_unknown_step() {
  bootstrap coffee
  fails
  says "error: There is no step 'coffee'. The steps are: engine node base-image ca pulumi plugins minio stack."
}

test_node_is_missing() {
  bootstrap node
  fails
  says "error: Node.js with npm is not there. Install Node.js 20.19 or newer"
}

test_node_is_too_old() {
  stub node <<<'echo v18.20.4'
  stub npm <<<''
  bootstrap node
  fails
  says "error: Node.js 18.20.4 is too old. Install Node.js 20.19 or newer"
}

test_packages_are_installed_when_the_lock_file_changed() {
  stub node <<<'echo v22.1.0'
  stub npm <<<''
  bootstrap node
  succeeds
  says "installed the packages of the lock file"
  bootstrap node
  says "packages are as the lock file says"
  echo '{"changed": true}' >"$M/project/package-lock.json"
  bootstrap node
  says "installed the packages of the lock file"
  [[ "$(calls npm | wc -l)" == 2 ]] || fail "npm ran: $(calls npm)"
}

test_packages_cannot_be_installed() {
  stub node <<<'echo v22.1.0'
  stub npm <<<'echo "npm error network"; exit 1'
  bootstrap node
  fails
  says "| npm error network"
  says "error: npm ci failed."
  exists_not project/node_modules/.lakehouse-lock
}

test_certificates_of_the_company_reach_the_builds() {
  echo one >"$M/system.pem"
  echo two >"$M/company.pem"
  SET=(SSL_CERT_FILE="$M/system.pem" NODE_EXTRA_CA_CERTS="$M/company.pem")
  bootstrap ca
  succeeds
  OUTPUT="$(cat "$M/project/images/.ca/ca-bundle.crt")"
  says one
  says two
  touch -d 2001-01-01 "$M/project/images/minio/.ca/ca-bundle.crt"
  bootstrap ca
  says "the image builds have this machine's"
  [[ "$(stat -c %Y "$M/project/images/minio/.ca/ca-bundle.crt")" -lt 1000000000 ]] || fail "it was written again"
}

test_minio_is_put_in_place() {
  go_builds
  bootstrap minio
  succeeds
  exists project/images/minio/bin/minio
  bootstrap minio
  says "the server for the image is in place"
}

# prepared: a machine on which all steps before the stack are done.
prepared() {
  pulumi_is_on_path
  stub pulumi-language-nodejs <<<''
  git -C "$M/project" init -q
  git -C "$M/project" add -A
  bootstrap pulumi
}

test_stack_is_created_and_git_stays_clean() {
  prepared
  bootstrap stack
  succeeds
  says "local: made a passphrase, created local, selected, git keeps its salt out of commits, state in .pulumi/state"
  [[ "$(stat -c %a "$M/project/.pulumi/passphrase")" == 600 ]] || fail "others can read the passphrase"
  salted && unmodified
  bootstrap stack
  says "local: state in .pulumi/state"
  [[ "$(calls pulumi | grep -c 'stack init')" == 1 ]] || fail "$(calls pulumi)"
}

salted() { grep -q '^encryptionsalt: v1:abc' "$M/project/Pulumi.local.yaml" || fail "there is no salt"; }

unmodified() {
  OUTPUT="$(git -C "$M/project" status --short Pulumi.local.yaml | grep -v '^A ' || true)"
  [[ -z "$OUTPUT" ]] || fail "git sees a change"
}

test_salt_survives_a_checkout_and_stays_out_of_commits() {
  prepared
  bootstrap stack
  rm "$M/project/Pulumi.local.yaml"
  git -C "$M/project" checkout -q -- Pulumi.local.yaml
  salted && unmodified
  echo '  lakehouse:sparkWorkers: "2"' >>"$M/project/Pulumi.local.yaml"
  bootstrap stack
  OUTPUT="$(git -C "$M/project" diff -- Pulumi.local.yaml)"
  says '+  lakehouse:sparkWorkers: "2"'
  says_not encryptionsalt
  git -C "$M/project" add Pulumi.local.yaml
  OUTPUT="$(git -C "$M/project" show :Pulumi.local.yaml)"
  says sparkWorkers
  says_not encryptionsalt
}

test_salt_of_a_lost_state_is_dropped() {
  prepared
  echo 'encryptionsalt: v1:old' >>"$M/project/Pulumi.local.yaml"
  bootstrap stack
  succeeds
  ! grep -q v1:old "$M/project/Pulumi.local.yaml" || fail "the old salt is still there"
}

test_stack_of_another_name_is_not_selected() {
  prepared
  SET=(STACK=e2e)
  bootstrap stack
  succeeds
  called pulumi "stack init e2e --no-select"
  [[ "$(calls pulumi)" != *"stack select"* ]] || fail "it was selected"
}

test_stack_aws_is_created_where_the_project_has_it() {
  prepared
  echo 'config:' >"$M/project/Pulumi.aws.yaml"
  bootstrap stack
  succeeds
  called pulumi "stack init aws --no-select"
}

test_stack_with_an_impossible_name() {
  prepared
  SET=(STACK='My Stack')
  bootstrap stack
  fails
  says "error: 'My Stack' cannot be a stack's name."
}

test_lost_passphrase() {
  prepared
  bootstrap stack
  rm "$M/project/.pulumi/passphrase"
  bootstrap stack
  fails
  says "error: The passphrase in .pulumi/passphrase is gone, but .pulumi/state holds stacks that are encrypted with it."
  exists_not project/.pulumi/passphrase
}

test_env_before_bootstrap() {
  run bash -c 'eval "$(tools/env)" && echo went on'
  fails
  says "error: This clone is not prepared yet. Run tools/bootstrap (or make up) first."
  says_not "went on"
}

test_env_after_the_cache_was_deleted() {
  go_builds
  bootstrap pulumi
  rm -rf "$M/cache/go"
  run tools/env
  fails
  says "error: The cached Pulumi CLI is gone. Run tools/bootstrap (or make up) again."
}

test_env_works_from_any_directory_and_with_any_path() {
  go_builds
  mv "$M/project" "$M/it's a project"
  mkdir "$M/project"
  run "$M/it's a project/tools/bootstrap" pulumi
  succeeds
  # shellcheck disable=SC2016
  SET=(PULUMI_CONFIG_PASSPHRASE=other T="$M/it's a project/tools/env")
  # shellcheck disable=SC2016
  run sh -c 'cd / && eval "$("$T")" && eval "$("$T")" && pulumi version && echo "$PULUMI_BACKEND_URL" "[${PULUMI_CONFIG_PASSPHRASE-}]" "$PATH"'
  succeeds
  says "v3.250.0"
  says "file://$M/it's a project/.pulumi/state []"
  [[ "$(grep -o "$M/cache/go" <<<"$OUTPUT" | wc -l)" == 1 ]] || fail "PATH grows"
}

test_clean_refuses_while_a_stack_has_resources() {
  prepared
  bootstrap stack
  echo '{"resources": [{"urn": "urn:pulumi:local"}]}' >"$M/project/.pulumi/state/.pulumi/stacks/lakehouse/local.json"
  run tools/clean
  fails
  says "error: The stack local still has resources. Run 'make down DATA=delete STACK=local' first."
  exists project/.pulumi/passphrase
}

test_clean_removes_what_bootstrap_made_and_nothing_else() {
  prepared
  go_builds
  bootstrap ca minio stack
  mkdir -p "$M/cache/of-someone-else"
  run tools/clean
  succeeds
  exists_not project/.pulumi
  ! grep -q encryptionsalt "$M/project/Pulumi.local.yaml" || fail "the salt is left"
  exists_not project/images/.ca
  exists_not project/images/minio/bin
  exists_not cache/go
  exists cache/of-someone-else
  exists project/tools/bootstrap
  run tools/clean
  succeeds
}

test_second_run_in_the_same_clone_waits() {
  docker_answers
  (
    mkdir -p "$M/project/.pulumi"
    flock "$M/project/.pulumi/lock" sleep 1
  ) &
  sleep 0.3
  bootstrap engine
  wait
  succeeds
  says "another tools/bootstrap runs in this clone, waiting for it"
}
