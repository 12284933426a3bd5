# shellcheck shell=bash
# How each component is started, and how one knows that it works. Part of init.

start_control_plane() {
  local pki="$NODE/pki" controller

  # Its data lives for the run only: nothing waits for the disk.
  start etcd etcd --name node --data-dir "$NODE/etcd" --unsafe-no-fsync \
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
    --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 \
    --initial-cluster node=http://127.0.0.1:2380 --logger zap --log-level warn
  until_ok etcd 30 answers 2379/health

  start kube-apiserver kube-apiserver --etcd-servers http://127.0.0.1:2379 \
    --advertise-address 10.125.0.2 --secure-port 6443 --service-cluster-ip-range 10.124.0.0/16 \
    --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction --allow-privileged --profiling=false \
    --client-ca-file "$pki/ca.crt" --requestheader-client-ca-file "$pki/ca.crt" --requestheader-allowed-names nobody \
    --requestheader-username-headers X-Remote-User --requestheader-group-headers X-Remote-Group \
    --tls-cert-file "$pki/kube-apiserver.crt" --tls-private-key-file "$pki/kube-apiserver.key" \
    --kubelet-certificate-authority "$pki/ca.crt" \
    --kubelet-client-certificate "$pki/kubelet-client.crt" --kubelet-client-key "$pki/kubelet-client.key" \
    --service-account-issuer https://kubernetes.default.svc.cluster.local \
    --service-account-key-file "$pki/service-accounts.pub" --service-account-signing-key-file "$pki/service-accounts.key"
  until_ok kube-apiserver 90 kubectl get --raw /readyz

  for controller in kube-controller-manager kube-scheduler; do
    local flags=()
    [[ "$controller" == kube-scheduler ]] || flags=(--use-service-account-credentials --root-ca-file "$pki/ca.crt"
      --service-account-private-key-file "$pki/service-accounts.key")
    start "$controller" "$controller" --kubeconfig "$pki/$controller.kubeconfig" \
      --authentication-kubeconfig "$pki/$controller.kubeconfig" \
      --authorization-kubeconfig "$pki/$controller.kubeconfig" \
      --bind-address 127.0.0.1 --leader-elect=false --profiling=false "${flags[@]}"
  done
}

start_node() {
  start containerd containerd --config "$NODE/etc/containerd.toml"
  until_ok containerd 30 ctr version
  until_ok containerd 30 ctr --namespace k8s.io images import "$NODE/node-image.tar"

  start coredns /run/coredns/coredns -conf "$NODE/etc/Corefile"
  start kube-proxy kube-proxy --config "$NODE/etc/kube-proxy.yaml"
  start kubelet kubelet --config "$NODE/etc/kubelet.yaml" --kubeconfig "$NODE/pki/kubelet.kubeconfig" \
    --hostname-override node --node-ip 10.125.0.2
  until_ok kubelet 60 answers 10248/healthz
  until_ok coredns 30 kubectl apply --server-side -f "$NODE/etc/dns.yaml"
  until_ok coredns 60 answers 8181/ready
  until_ok kube-proxy 60 answers 10256/healthz
  # Without its account no pod can be created.
  until_ok kube-controller-manager 60 kubectl get serviceaccount default
  until_ok kubelet 120 node_ready
}

node_ready() { kubectl wait --for condition=Ready node/node --timeout=2s; }
