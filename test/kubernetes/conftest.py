"""The cluster under test and its namespace, shared by all files."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from support.cluster import Cluster


def pytest_configure() -> None:
    """End in order, with a summary, when the run is told to stop."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """The cluster, which answers."""
    found = Cluster()
    found.run("get", "--raw", "/readyz")
    return found


@pytest.fixture(scope="session")
def own_node(cluster: Cluster) -> Cluster:
    """The node that this run booted; only there is our image, and nothing else runs."""
    if not cluster.is_own:
        pytest.skip("the cluster of KUBECONFIG has not the image that this needs")
    return cluster


@pytest.fixture(scope="module")
def probes(own_node: Cluster) -> Iterator[str]:
    """A namespace for the pods of a file."""
    name = "probes"
    own_node.run("create", "namespace", name)
    # Without its account no pod can be created.
    own_node.run("wait", "--for=create", "serviceaccount/default", f"--namespace={name}", "--timeout=60s")
    yield name
    own_node.run("delete", "namespace", name, "--timeout=120s")
