# shellcheck shell=bash
# Certificate authorities: the image builds trust what this machine trusts, a company's own authority included.

ensure_ca() {
  step ca
  local directory changed=0
  for directory in images images/minio; do
    if ca_bundle | replace_file "$PROJECT_DIR/$directory/.ca/ca-bundle.crt"; then changed=1; fi
  done
  if ((changed)); then say "copied for the image builds: $(ca_sources | xargs echo)"; else say "the image builds have this machine's"; fi
}

# ca_sources: the machine's bundle and what the environment adds, each file once.
ca_sources() {
  local file seen=
  for file in "${SSL_CERT_FILE:-}" /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem \
    "${NODE_EXTRA_CA_CERTS:-}"; do
    [[ -n "$file" && -r "$file" ]] || continue
    file="$(readlink -f "$file")"
    [[ "$seen" != *"|$file|"* ]] || continue
    seen+="|$file|"
    printf '%s\n' "$file"
  done
}

ca_bundle() {
  local file
  while IFS= read -r file; do
    cat "$file"
    echo
  done < <(ca_sources)
}
