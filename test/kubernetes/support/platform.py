"""The platform's own objects on the node, next to the stand-ins for AWS; and the pods that Airflow would make."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from project import ROOT
from support.cluster import Cluster
from support.manifests import NAMESPACE, Manifest, over_http, read

T = TypeVar("T")

# The node's scheduler is told what EKS Auto Mode's nodes say of themselves.
LABELS = ("karpenter.sh/capacity-type=on-demand", "karpenter.sh/nodepool=spark-executors")
# The jobs bring up Airflow's database, which is not here; nodes are EKS's; templates are for Spark and Airflow to fill.
NOT_HERE = {"Job", "NodeClass", "NodePool", "Pod"}
# Programs that run in pods.
IN_PODS = Path(__file__).resolve().parents[1] / "in_pods"


class Platform:
    """The objects of one configuration, applied."""

    def __init__(self, cluster: Cluster, directory: Path) -> None:
        self.cluster = cluster
        self.facts: dict[str, Any] = json.loads((directory / "facts.json").read_text("utf-8"))
        self.objects = [over_http(each) for each in read(directory) if each["kind"] not in NOT_HERE]

    def apply(self) -> None:
        """Apply them, and what Airflow's chart would make of them: the configuration that a task's pod mounts."""
        self.cluster.run("label", "--overwrite", "node/node", *LABELS)
        configuration = (ROOT / "images" / "airflow" / "airflow.cfg").read_text("utf-8")
        made = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "airflow-config", "namespace": NAMESPACE},
            "data": {"airflow.cfg": configuration},
        }
        applied = self.cluster.apply([*self.objects, made])
        assert (applied.returncode, applied.stderr) == (0, "")

    def remove(self) -> None:
        """Remove the namespace, and with it all pods."""
        self.cluster.run("delete", "namespace", NAMESPACE, "--ignore-not-found", "--timeout=240s")

    def data(self, config_map: str) -> dict[str, str]:
        """Return what a config map of the platform holds."""
        found = (
            each for each in self.objects if each["kind"] == "ConfigMap" and each["metadata"]["name"] == config_map
        )
        return next(found)["data"]

    def task(self, name: str, dag: str, task: str, account: str | None = None) -> None:
        """Start a task's pod as rendered; `account` replaces its own."""
        pod = copy.deepcopy(self.facts["taskPod"])
        if account is not None:
            # It would not even get the chance to ask.
            pod["spec"].update(serviceAccountName=account, automountServiceAccountToken=True)
        self._start(name, pod, "run_task.py", dag, task)

    def run(self, name: str, account: str, program: str) -> None:
        """Start a task's pod that runs a program as some account."""
        pod = copy.deepcopy(self.facts["taskPod"])
        pod["spec"]["serviceAccountName"] = account
        self._start(name, pod, program)

    def _start(self, name: str, pod: Manifest, program: str, *args: str) -> None:
        pod["metadata"]["name"] = name
        text = (IN_PODS / program).read_text("utf-8")
        pod["spec"]["containers"][0]["args"] = ["python", "-c", text, *args]
        applied = self.cluster.apply([pod])
        assert (applied.returncode, applied.stderr) == (0, "")

    def finish(self, name: str, seconds: float = 280) -> tuple[str, str]:
        """Wait for the end of a pod; its phase and its log."""
        phase = until(lambda: self._ended(name), seconds, lambda: self.describe(name))
        return phase, self.cluster.run("logs", name, f"--namespace={NAMESPACE}")

    def _ended(self, name: str) -> str | None:
        phase = self.cluster.get("pod", name, f"--namespace={NAMESPACE}")["status"]["phase"]
        return phase if phase in ("Succeeded", "Failed") else None

    def describe(self, name: str) -> str:
        """All that is known of a pod, for a failure's message."""
        described = self.cluster.try_run("describe", "pod", name, f"--namespace={NAMESPACE}").stdout
        return described + self.cluster.try_run("logs", name, f"--namespace={NAMESPACE}").stdout

    def executors(self) -> dict[str, str]:
        """Phases of the pods of executors, by name."""
        found = self.cluster.get("pods", "--selector=spark-role=executor", f"--namespace={NAMESPACE}")["items"]
        return {each["metadata"]["name"]: each["status"]["phase"] for each in found}

    def pods_of(self, app: str) -> list[str]:
        """Names of the pods with this label."""
        found = self.cluster.get("pods", f"--selector=app={app}", f"--namespace={NAMESPACE}")["items"]
        return [each["metadata"]["name"] for each in found]

    def running_executor(self, driver: str, seconds: float = 120) -> str:
        """Wait until an executor runs; its pod's name."""

        def found() -> str | None:
            assert self._ended(driver) is None, self.describe(driver)
            return next((name for name, phase in self.executors().items() if phase == "Running"), None)

        return until(found, seconds, lambda: self.describe(driver))

    def busy_executor(self, driver: str) -> str:
        """Wait until an executor has got something to do; its pod's name. The driver's own page knows."""
        page = f"/api/v1/namespaces/{NAMESPACE}/pods/{driver}:4040/proxy/api/v1/applications"

        def found() -> str | None:
            assert self._ended(driver) is None, self.describe(driver)
            # Until it has started, it says so, in words.
            said = self.cluster.try_run("get", "--raw", page).stdout
            if not said.startswith("["):
                return None
            (application,) = json.loads(said)
            executors = json.loads(self.cluster.run("get", "--raw", f"{page}/{application['id']}/executors"))
            busy = [each["id"] for each in executors if each["id"] != "driver" and each["totalTasks"] > 0]
            return next((name for name in self.executors() if name.rpartition("-")[2] in busy), None)

        return until(found, 120, lambda: self.describe(driver))

    def history(self, path: str) -> Any:
        """Ask the history server's API, through the API server."""
        service = f"/api/v1/namespaces/{NAMESPACE}/services/spark-history:http/proxy"
        return json.loads(self.cluster.run("get", "--raw", f"{service}/api/v1/{path}"))


def until(look: Callable[[], T | None], seconds: float, explain: Callable[[], str]) -> T:
    """Look again and again until there is something; fails with the explanation when there is nothing in time."""
    deadline = time.monotonic() + seconds
    while (found := look()) is None:
        assert time.monotonic() < deadline, f"nothing after {seconds} s: {explain()}"
        time.sleep(0.5)
    return found
