# shellcheck shell=bash
# The node's certificates and kubeconfigs: a CA of its own that lives for one run, in STATE/pki.

# Days; longer than any run.
VALID=2
SERVER_ADDRESSES="DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,\
DNS:kubernetes.default.svc.cluster.local,IP:127.0.0.1,IP:10.124.0.1,IP:10.125.0.2"

# make_certificates STATE: all of them. Names and groups are those that Kubernetes gives its own rights to:
# https://kubernetes.io/docs/setup/best-practices/certificates/
make_certificates() {
  PKI="$1/pki"
  mkdir -m 700 "$PKI"
  printf '[req]\ndistinguished_name=name\n[name]\n' >"$PKI/openssl.cnf"
  key_and_certificate ca /CN=lakehouse-node -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$PKI/service-accounts.key" 2>/dev/null
  openssl pkey -in "$PKI/service-accounts.key" -pubout -out "$PKI/service-accounts.pub"

  signed kube-apiserver /CN=kube-apiserver "$SERVER_ADDRESSES"
  signed kubelet-server /CN=system:node:node DNS:node,IP:10.125.0.2
  signed kubelet-client /O=system:masters/CN=kube-apiserver
  client kubelet /O=system:nodes/CN=system:node:node
  client kube-controller-manager /CN=system:kube-controller-manager
  client kube-scheduler /CN=system:kube-scheduler
  client kube-proxy /CN=system:kube-proxy
  client coredns /CN=coredns
  signed admin /O=system:masters/CN=admin
  kubeconfig admin https://10.125.0.2:6443 >"$1/kubeconfig"
}

# client NAME SUBJECT: a certificate, and a kubeconfig that is read inside of the node.
client() {
  signed "$1" "$2"
  kubeconfig "$1" https://127.0.0.1:6443 >"$PKI/$1.kubeconfig"
}

# signed NAME SUBJECT [ADDRESSES]: a certificate for a server that is reached under the addresses, else for a client.
signed() {
  local use=(-addext extendedKeyUsage=clientAuth)
  [[ -z "${3:-}" ]] || use=(-addext extendedKeyUsage=serverAuth -addext "subjectAltName=$3")
  key_and_certificate "$1" "$2" -CA "$PKI/ca.crt" -CAkey "$PKI/ca.key" "${use[@]}"
}

key_and_certificate() {
  local name="$1" subject="$2"
  shift 2
  openssl req -x509 -config "$PKI/openssl.cnf" -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc \
    -days "$VALID" -subj "$subject" -keyout "$PKI/$name.key" -out "$PKI/$name.crt" "$@" 2>"$PKI/openssl.log" ||
    die "The certificate '$name' could not be made: $(tail -n 1 "$PKI/openssl.log")" "OpenSSL 3.0 or newer is needed."
}

# kubeconfig NAME SERVER: prints it, certificates and key included.
kubeconfig() {
  cat <<END
apiVersion: v1
kind: Config
clusters: [{ name: node, cluster: { server: "$2", certificate-authority-data: $(base64 -w0 "$PKI/ca.crt") } }]
users:
  - name: $1
    user:
      client-certificate-data: $(base64 -w0 "$PKI/$1.crt")
      client-key-data: $(base64 -w0 "$PKI/$1.key")
contexts: [{ name: node, context: { cluster: node, user: $1 } }]
current-context: node
END
}
