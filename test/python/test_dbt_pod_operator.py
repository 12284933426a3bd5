"""The operator against an API server of our own."""

import json
import re
import threading
from types import SimpleNamespace

import pytest

from kubernetes_api import KubernetesApi
from project import ROOT
from utils.config_manager import ConfigError
from utils.dbt_pod_operator import DbtPodOperator

REPORT = {"rows_written": 3, "rows_rejected": {"malformed_row": 1}}
# As components/dbt-runner/pod.ts writes it.
TEMPLATE = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"namespace": "lakehouse", "labels": {"app": "dbt"}},
    "spec": {
        "serviceAccountName": "dbt",
        "securityContext": {"runAsNonRoot": True},
        "volumes": [{"name": "tmp", "emptyDir": {}}],
        "containers": [
            {
                "name": "base",
                "securityContext": {"readOnlyRootFilesystem": True},
                "envFrom": [{"configMapRef": {"name": "spark-driver-env"}}],
                "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108
                "resources": {"limits": {"memory": "3Gi"}},
            }
        ],
    },
}


class TaskInstance(SimpleNamespace):
    """What the operator uses of a task's instance."""

    def __init__(self):
        super().__init__(
            dag_id="dbt_dag", task_id="build", run_id="manual", map_index=-1, try_number=1, pushed={}, dag_run=None
        )

    def xcom_push(self, key, value):
        """Keep what the operator returns."""
        self.pushed[key] = value


@pytest.fixture
def serve(tmp_path, monkeypatch):
    """Return a function that starts an API server and gives it with the operator that uses it."""
    (tmp_path / "pod.yaml").write_text(json.dumps(TEMPLATE))
    monkeypatch.setenv("LAKEHOUSE_DBT_IMAGE", "registry/dbt:1")
    monkeypatch.setenv("LAKEHOUSE_DBT_POD_TEMPLATE", str(tmp_path / "pod.yaml"))
    monkeypatch.setenv("LAKEHOUSE_POD_NAME", "dbt-dag-build-abc")
    monkeypatch.setenv("LAKEHOUSE_POD_UID", "6d2a")
    servers = []

    def start(**behaviour):
        api = KubernetesApi(**behaviour)
        servers.append(api)
        config = {
            "current-context": "test",
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
            "clusters": [{"name": "test", "cluster": {"server": api.url}}],
            "users": [{"name": "test", "user": {}}],
        }
        (tmp_path / "config").write_text(json.dumps(config))
        operator = DbtPodOperator(task_id="build", command="dbt build --select 'a b'")
        operator.config_file = str(tmp_path / "config")
        operator.startup_check_interval_seconds = 0.05
        return api, operator

    yield start
    for server in servers:
        server.close()


def context():
    return {"ti": TaskInstance(), "dag": SimpleNamespace(dag_id="dbt_dag", is_subdag=False), "run_id": "manual"}


def allowed():
    """Return what components/dbt-runner/aws.ts lets Airflow's tasks do, as (verb, resource)."""
    text = (ROOT / "components" / "dbt-runner" / "aws.ts").read_text()
    rules = re.findall(r'resources: \["(.+?)"\], verbs: \[(.+?)\]', text)
    return {(verb, resource) for resource, verbs in rules for verb in re.findall(r'"(\w+)"', verbs)}


def test_runs_the_command_and_returns_the_report(serve, capsys):
    text = f"08:00:00  Zoë\nLAKEHOUSE_REPORT {json.dumps(REPORT)}\nDone.\n".encode()
    api, operator = serve(log=text)
    run = context()
    assert operator.execute(run) == REPORT
    assert run["ti"].pushed["return_value"] == REPORT
    log = capsys.readouterr().out
    assert "] 08:00:00  Zoë " in log

    (pod,) = api.created
    (container,) = pod["spec"]["containers"]
    assert container["args"] == ["dbt", "build", "--select", "a b"]
    assert container.get("command", []) == []
    assert container["image"] == "registry/dbt:1"
    (owner,) = pod["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["name"], owner["uid"]) == ("Pod", "dbt-dag-build-abc", "6d2a")
    assert api.deleted == [pod["metadata"]["name"]]


def test_keeps_what_the_template_says(serve):
    api, operator = serve(log=b'LAKEHOUSE_REPORT {"a": 1}\n')
    operator.execute(context())
    (pod,) = api.created
    (container,) = pod["spec"]["containers"]
    template = TEMPLATE["spec"]["containers"][0]
    assert pod["metadata"]["labels"]["app"] == "dbt"
    assert pod["spec"]["serviceAccountName"] == "dbt"
    assert pod["spec"]["securityContext"] == {"runAsNonRoot": True}
    assert pod["spec"]["volumes"] == TEMPLATE["spec"]["volumes"]
    assert pod["spec"]["restartPolicy"] == "Never"
    for key in ("securityContext", "envFrom", "volumeMounts", "resources"):
        assert container[key] == template[key]
    assert container.get("env", []) == []


def test_asks_for_no_more_than_the_role_allows(serve):
    api, operator = serve(log=b"1 of 3 ERROR\n", exit_code=1)
    with pytest.raises(RuntimeError):
        operator.execute(context())
    assert set(api.requests) <= allowed()


@pytest.mark.parametrize(
    ("exit_code", "reason", "message"),
    [
        (2, None, "'dbt build --select 'a b'' ended with exit code 2; its last lines above say why."),
        (137, "OOMKilled", "'dbt build --select 'a b'' ended with exit code 137 (OOMKilled); its last lines above"),
    ],
)
def test_a_failed_command_fails_the_task(serve, exit_code, reason, message):
    api, operator = serve(log=b"1 of 3 ERROR\n", exit_code=exit_code, reason=reason)
    run = context()
    with pytest.raises(RuntimeError) as error:
        operator.execute(run)
    assert str(error.value).startswith(message)
    assert "return_value" not in run["ti"].pushed
    assert api.deleted == [api.created[0]["metadata"]["name"]]


def test_no_report_fails_the_task(serve):
    _, operator = serve(log=b"Done.\n")
    with pytest.raises(RuntimeError, match="printed no report"):
        operator.execute(context())


def test_killing_the_task_ends_the_pod(serve):
    api, operator = serve(log=b"08:00:00  Running\n", exit_code=None)
    errors = []

    def run():
        try:
            operator.execute(context())
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    assert api.started.wait(20)
    operator.on_kill()
    assert api.gone.wait(20)
    thread.join(timeout=20)
    assert not thread.is_alive()
    assert errors
    assert api.deleted == [api.created[0]["metadata"]["name"]]


def test_a_wrong_environment_fails_before_anything_starts(serve, monkeypatch):
    api, operator = serve()
    monkeypatch.delenv("LAKEHOUSE_DBT_IMAGE")
    monkeypatch.setenv("LAKEHOUSE_POD_UID", "")
    with pytest.raises(ConfigError, match=r"^LAKEHOUSE_DBT_IMAGE and LAKEHOUSE_POD_UID must be set"):
        operator.execute(context())
    assert api.requests == []
