"""The node that this run boots does what a cluster does: it runs pods, resolves names in them, keeps their logs."""

from __future__ import annotations

from support.cluster import Cluster
from support.manifests import NODE_IMAGE, Manifest


def pod(name: str, command: list[str] | None = None) -> Manifest:
    """Describe a pod of the node's own image, as strict as the platform's."""
    container = {
        "name": name,
        "image": NODE_IMAGE,
        "securityContext": {
            "runAsNonRoot": True,
            "readOnlyRootFilesystem": True,
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }
    if command:
        container["command"] = command
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {"restartPolicy": "Never", "containers": [container]},
    }


def start(cluster: Cluster, namespace: str, manifest: Manifest, condition: str) -> None:
    """Create a pod and wait for its condition."""
    applied = cluster.apply([manifest], f"--namespace={namespace}")
    assert applied.returncode == 0, applied.stderr
    name = manifest["metadata"]["name"]
    try:
        cluster.run("wait", f"--for={condition}", f"pod/{name}", f"--namespace={namespace}", "--timeout=60s")
    except AssertionError as error:
        raise AssertionError(cluster.run("describe", "pod", name, f"--namespace={namespace}")) from error


def test_a_pod_becomes_ready(own_node: Cluster, probes: str) -> None:
    start(own_node, probes, pod("sleeper"), "condition=Ready")
    status = own_node.get("pod", "sleeper", f"--namespace={probes}")["status"]
    assert status["podIP"].startswith("10.123.")
    assert own_node.get("node", "node")["status"]["nodeInfo"]["kubeletVersion"].startswith("v1.")


def test_names_resolve_in_a_pod_and_its_log_is_readable(own_node: Cluster, probes: str) -> None:
    start(own_node, probes, pod("asker", ["/probe", "kubernetes.default"]), "jsonpath={.status.phase}=Succeeded")
    address = own_node.get("service", "kubernetes", "--namespace=default")["spec"]["clusterIP"]
    assert own_node.run("logs", "asker", f"--namespace={probes}") == f"kubernetes.default {address}\n"


def test_a_name_that_does_not_exist_fails_the_pod(own_node: Cluster, probes: str) -> None:
    start(own_node, probes, pod("loser", ["/probe", "nowhere.default"]), "jsonpath={.status.phase}=Failed")
    assert "no such host" in own_node.run("logs", "loser", f"--namespace={probes}")


def test_a_command_runs_in_a_pod(own_node: Cluster, probes: str) -> None:
    start(own_node, probes, pod("sleeper"), "condition=Ready")
    answer = own_node.run("exec", "sleeper", f"--namespace={probes}", "--", "/probe", "kube-dns.kube-system")
    assert answer == "kube-dns.kube-system 10.124.0.10\n"
