"""The cluster under test, through kubectl."""

from __future__ import annotations

import json
import os
import subprocess
import uuid
from typing import Any

from support.manifests import NAMESPACE, Manifest, text

# Fields that an apply sets belong to it.
MANAGER = "lakehouse-test"
# Seconds; a command that waits for something has its own limit below this.
TIMEOUT = 300


class Cluster:
    """A cluster: the node that this run booted, or the one of the KUBECONFIG that it was given."""

    def __init__(self) -> None:
        self.kubectl = os.environ["KUBECTL"]
        self.is_own = os.environ["KUBERNETES_CLUSTER"] == "own"
        # On someone's cluster nothing may be in the way of the platform itself.
        self.namespace = NAMESPACE if self.is_own else f"{NAMESPACE}-test-{uuid.uuid4().hex[:8]}"

    def try_run(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run kubectl."""
        return subprocess.run(
            [self.kubectl, *arguments],
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )

    def run(self, *arguments: str, stdin: str | None = None) -> str:
        """Run kubectl; fails with what it says."""
        done = self.try_run(*arguments, stdin=stdin)
        assert done.returncode == 0, f"kubectl {' '.join(arguments)}: {done.stderr}"
        return done.stdout

    def get(self, *arguments: str) -> Any:
        """Get an object or a list."""
        return json.loads(self.run("get", *arguments, "--output", "json"))

    def apply(self, manifests: list[Manifest], *arguments: str) -> subprocess.CompletedProcess[str]:
        """Apply on the server's side: it refuses fields that it does not know, and whatever its admission refuses."""
        return self.try_run(
            "apply",
            "--server-side",
            "--validate=strict",
            f"--field-manager={MANAGER}",
            *arguments,
            "--filename=-",
            stdin=text(manifests),
        )

    def difference(self, manifests: list[Manifest]) -> str:
        """Tell what another apply would change; empty if nothing."""
        done = self.try_run(
            "diff", "--server-side", f"--field-manager={MANAGER}", "--filename=-", stdin=text(manifests)
        )
        # 1 says that there is a difference.
        assert done.returncode in (0, 1), done.stderr
        return done.stdout

    def events(self) -> str:
        """Tell what happened of late, for a failure's message."""
        return self.try_run("get", "events", "--all-namespaces", "--sort-by=.lastTimestamp").stdout[-4000:]

    def kinds(self) -> set[tuple[str, str]]:
        """Ask the server which kinds it knows, by API version."""
        lines = self.run("api-resources", "--no-headers").splitlines()
        # NAME [SHORTNAMES] APIVERSION NAMESPACED KIND
        return {(columns[-3], columns[-1]) for columns in (line.split() for line in lines)}

    def may(self, account: str, verb: str, resource: str) -> bool:
        """Ask whether a service account of the namespace may do this there, to a resource or to `resource/part`."""
        name, _, part = resource.partition("/")
        user = f"system:serviceaccount:{self.namespace}:{account}"
        # A slash would mean an object's name.
        asked = [verb, name, f"--subresource={part}", f"--as={user}", f"--namespace={self.namespace}"]
        answer = self.try_run("auth", "can-i", *asked)
        assert answer.stdout.strip() in ("yes", "no"), answer.stderr
        return answer.stdout.strip() == "yes"
