"""Ports of pods, reached from this machine."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from support.cluster import Cluster


@contextmanager
def forwarded(cluster: Cluster, namespace: str, target: str, port: int) -> Iterator[str]:
    """Yield the address, such as `http://127.0.0.1:1234`, under which a pod or service answers meanwhile."""
    command = [cluster.kubectl, "port-forward", "--address=127.0.0.1", f"--namespace={namespace}", target, f":{port}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            said = process.stdout.readline() if process.stdout else ""
            found = re.search(r"127\.0\.0\.1:\d+", said)
            assert found, f"{target} is not reachable: {said}"
            yield f"http://{found[0]}"
        finally:
            process.terminate()
