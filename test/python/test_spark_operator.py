"""The operator against a spark-submit of our own."""

import json
import os
import threading
import time
from types import SimpleNamespace

import pytest

from utils.config_manager import ConfigError, spark_iceberg_arguments
from utils.spark_operator import JOBS_DIR, ROWS, SparkJobOperator, read_report

CONTEXT = {"dag": SimpleNamespace(dag_id="some_dag")}


@pytest.fixture
def submit(tmp_path, environment, monkeypatch):
    """Put a spark-submit of our own on the path; return a function that writes its script."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AIRFLOW_CONN_SPARK_DEFAULT", '{"conn_type": "spark", "host": "spark://m", "port": 7077}')
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    def script(*lines, **options):
        path = tmp_path / "spark-submit"
        path.write_text("\n".join(["#!/bin/sh", f'echo "$@" > {tmp_path}/arguments', *lines]) + "\n")
        path.chmod(0o755)
        return SparkJobOperator(
            task_id="load", job="spark_iceberg_job.py", arguments=spark_iceberg_arguments, **options
        )

    return script


def test_submits_with_conf_and_returns_the_report(submit, tmp_path, environment):
    operator = submit('for last; do :; done; echo \'{"rows_written": 3, "rows_rejected": {}}\' > "$last"')
    assert operator.execute(CONTEXT) == {"rows_written": 3, "rows_rejected": {}}
    arguments = (tmp_path / "arguments").read_text().split()
    assert arguments[:2] == ["--master", "spark://m:7077"]
    assert "spark.driver.host=airflow-scheduler" in arguments
    assert arguments[arguments.index("--name") + 1] == "some_dag.load"
    job = arguments.index(str(JOBS_DIR / "spark_iceberg_job.py"))
    assert arguments[job + 1 : -1] == [
        "--source",
        environment["LAKEHOUSE_RAW_DATA_URI"],
        "--table",
        "lakehouse.raw.customers",
        "--report",
    ]
    # The report's directory is gone.
    assert not os.path.exists(arguments[-1])  # noqa: PTH110


def test_on_kubernetes_the_driver_runs_here(submit, tmp_path, monkeypatch):
    # As components/airflow-cluster/task-pod.ts writes it.
    connection = {
        "conn_type": "spark",
        "host": "k8s://https://kubernetes.default.svc",
        "port": 443,
        "extra": {"deploy-mode": "client", "namespace": "lakehouse"},
    }
    monkeypatch.setenv("AIRFLOW_CONN_SPARK_DEFAULT", json.dumps(connection))
    monkeypatch.setenv("LAKEHOUSE_SPARK_MASTER_URL", "k8s://https://kubernetes.default.svc:443")
    monkeypatch.setenv("LAKEHOUSE_DRIVER_HOST", "10.0.0.7")
    operator = submit(
        "echo a line of the job",
        'for last; do :; done; echo \'{"rows_written": 3, "rows_rejected": {}}\' > "$last"',
    )
    assert operator.execute(CONTEXT) == {"rows_written": 3, "rows_rejected": {}}
    arguments = (tmp_path / "arguments").read_text().split()
    assert arguments[:2] == ["--master", "k8s://https://kubernetes.default.svc:443"]
    assert arguments[arguments.index("--deploy-mode") + 1] == "client"
    assert "spark.driver.host=10.0.0.7" in arguments
    assert "spark.kubernetes.namespace=lakehouse" in arguments


def test_further_arguments_and_another_report(submit, tmp_path):
    report = 'for last; do :; done; echo \'{"tables": {}}\' > "$last"'
    operator = submit(report, application_args=["--dry-run", "True"], reports=["tables"])
    assert operator.execute(CONTEXT) == {"tables": {}}
    assert (tmp_path / "arguments").read_text().split()[-4:-1] == ["--dry-run", "True", "--report"]


def test_a_failed_job_fails_the_task_with_its_last_lines(submit):
    with pytest.raises(Exception, match=r"(?s)Error code is: 1.*error: c\.csv is empty"):
        submit("echo error: c.csv is empty", "exit 1").execute(CONTEXT)


def test_no_report_fails_the_task(submit):
    with pytest.raises(RuntimeError, match=r"^The job ended well but wrote no report"):
        submit("exit 0").execute(CONTEXT)


def test_a_wrong_environment_fails_before_anything_starts(submit, tmp_path, monkeypatch):
    monkeypatch.setenv("LAKEHOUSE_EXECUTOR_CORES", "many")
    with pytest.raises(ConfigError, match="LAKEHOUSE_EXECUTOR_CORES is 'many'"):
        submit("exit 0").execute(CONTEXT)
    assert not (tmp_path / "arguments").exists()


def test_killing_the_task_ends_spark_submit(submit, tmp_path):
    operator = submit(f"echo $$ > {tmp_path}/pid", "exec sleep 60")
    errors = []

    def run():
        try:
            operator.execute(CONTEXT)
        except Exception as error:
            errors.append(str(error))

    thread = threading.Thread(target=run)
    thread.start()
    deadline = time.monotonic() + 20
    # Written by the process; and the hook knows it, which it learns a moment later.
    while not ((tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip() and operator._hook._submit_sp):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    operator.on_kill()
    thread.join(timeout=20)
    assert not thread.is_alive()
    assert "Error code is: -9" in errors[0]
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "The job's report is not JSON: "),
        ("[]", "The job's report lacks rows_written or rows_rejected."),
        (json.dumps({"rows_written": 1}), "The job's report lacks rows_written or rows_rejected."),
    ],
)
def test_unusable_report(tmp_path, text, message):
    path = tmp_path / "report.json"
    path.write_text(text)
    with pytest.raises(RuntimeError) as error:
        read_report(path, ROWS)
    assert str(error.value).startswith(message)
