"""Airflow's REST API, as its users' programs use it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import httpx

from support.process import tail, wait_until

# Each pipeline with the task that reports its rows.
PIPELINES = {
    "empty_dag": "say_hello",
    "spark_job_dag": "customers_to_parquet",
    "spark_iceberg_dag": "customers_to_iceberg",
    "duck_db_dag": "customers_and_countries_to_parquet",
    "dbt_dag": "dbt_build",
}
# What starts another pipeline by updating an asset.
LEADERS = {"dbt_dag": "spark_iceberg_dag"}
# The task of each DAG that reports something.
REPORTS = {**PIPELINES, "table_maintenance_dag": "maintain_tables"}


class Airflow:
    """A session of one user."""

    def __init__(self, url: str, user: str, password: str) -> None:
        answer = httpx.post(f"{url}/auth/token", json={"username": user, "password": password}, timeout=60)
        assert answer.status_code == 201, f"POST /auth/token answered {answer.status_code}: {answer.text}"
        self._http = httpx.Client(
            base_url=f"{url}/api/v2",
            headers={"authorization": f"Bearer {answer.json()['access_token']}"},
            timeout=60,
            transport=httpx.HTTPTransport(retries=3),
        )

    def get(self, path: str, **parameters: Any) -> Any:
        """Ask for a resource.

        :raises AssertionError: the answer is not a success
        """
        answer = self._http.get(path, params=parameters)
        assert answer.is_success, f"GET {answer.request.url} answered {answer.status_code}: {answer.text[:2000]}"
        return answer.json()

    def wait_for(self, *dags: str) -> None:
        """Wait until the DAG processor has read these DAGs.

        :raises AssertionError: it cannot import a file, or it takes too long
        """

        def known() -> bool:
            errors = self.get("/importErrors")["import_errors"]
            assert not errors, [f"{error['filename']}: {tail(error['stack_trace'], 5)}" for error in errors]
            return {dag["dag_id"] for dag in self.get("/dags", limit=100)["dags"]} >= set(dags)

        wait_until(f"Airflow to know {', '.join(dags)}", known, 120)

    def run(self, dag: str, run_id: str, seconds: float = 420, conf: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run a pipeline to its end and return what its last task reports.

        :raises AssertionError: it failed; with the ends of its tasks' logs
        """
        self.trigger(dag, run_id, conf)
        return self.finish(dag, run_id, seconds)

    def run_all(self, dags: Iterable[str], run_id: str) -> dict[str, dict[str, Any]]:
        """Run pipelines one after another and return their reports; one that another one starts is waited for.

        :raises AssertionError: one failed
        """
        return {
            dag: self.finish(dag, self.follower(dag, LEADERS[dag], run_id)) if dag in LEADERS else self.run(dag, run_id)
            for dag in dags
        }

    def trigger(self, dag: str, run_id: str, conf: dict[str, Any] | None = None) -> None:
        """Start a run of a pipeline, with parameters of its own.

        :raises AssertionError: Airflow does not know the pipeline, or refuses
        """
        self.wait_for(dag)
        answer = self._http.post(
            f"/dags/{dag}/dagRuns", json={"dag_run_id": run_id, "logical_date": None, "conf": conf or {}}
        )
        assert answer.is_success, f"POST dagRuns of {dag} answered {answer.status_code}: {answer.text}"

    def follower(self, dag: str, leader: str, run_id: str) -> str:
        """The id of the run that a run of its leader has started by updating an asset."""

        def made() -> str | None:
            events = self.get("/assets/events", source_dag_id=leader, source_run_id=run_id)["asset_events"]
            runs = [run for event in events for run in event["created_dagruns"]]
            return next((run["run_id"] for run in runs if run["dag_id"] == dag), None)

        return wait_until(f"the run of {dag} that {run_id} of {leader} starts", made, 60)

    def finish(self, dag: str, run_id: str, seconds: float = 420) -> dict[str, Any]:
        """Wait for the end of a run and return what its last task reports.

        :raises AssertionError: it failed; with the ends of its tasks' logs
        """
        state = self.end(dag, run_id, seconds)
        assert state == "success", f"{dag} run {run_id} is {state}\n{self._explain(dag, run_id)}"
        return self.report(dag, run_id)

    def end(self, dag: str, run_id: str, seconds: float = 420) -> str:
        """Wait for the end of a run and return its state; Airflow may be without its database for a moment."""

        def ended() -> str | None:
            state = self.state(dag, run_id)
            return None if state in ("queued", "running") else state

        return wait_until(f"the end of {run_id} of {dag}", ended, seconds, every=1)

    @contextmanager
    def paused(self, dag: str) -> Iterator[None]:
        """Keep updated assets from starting a pipeline."""

        def pause(paused: bool) -> None:
            answer = self._http.patch(f"/dags/{dag}", json={"is_paused": paused})
            assert answer.is_success, f"PATCH {dag} answered {answer.status_code}: {answer.text}"

        pause(True)
        try:
            yield
        finally:
            pause(False)

    def state(self, dag: str, run_id: str) -> str:
        """State of a run."""
        return self.get(f"/dags/{dag}/dagRuns/{quote(run_id, safe='')}")["state"]

    def runs(self, dag: str) -> dict[str, str]:
        """State of each run of a pipeline."""
        return {run["dag_run_id"]: run["state"] for run in self.get(f"/dags/{dag}/dagRuns", limit=100)["dag_runs"]}

    def latest(self, dag: str) -> str:
        """The id of the run that was asked for last."""
        return self.get(f"/dags/{dag}/dagRuns", limit=1, order_by="-run_after")["dag_runs"][0]["dag_run_id"]

    def tasks(self, dag: str, run_id: str) -> list[dict[str, Any]]:
        """The tasks of a run."""
        return self.get(f"/dags/{dag}/dagRuns/{quote(run_id, safe='')}/taskInstances")["task_instances"]

    def report(self, dag: str, run_id: str) -> dict[str, Any]:
        """What the run's last task returned."""
        value = self.xcoms(dag, run_id, REPORTS[dag])["return_value"]
        return json.loads(value) if isinstance(value, str) else value

    def xcoms(self, dag: str, run_id: str, task: str) -> dict[str, Any]:
        """All values that a task left for others."""
        path = f"/dags/{dag}/dagRuns/{quote(run_id, safe='')}/taskInstances/{task}/xcomEntries"
        return {entry["key"]: self.get(f"{path}/{entry['key']}")["value"] for entry in self.get(path)["xcom_entries"]}

    def log(self, dag: str, run_id: str, task: str, attempt: int = 1) -> str:
        """A task's log."""
        path = f"/dags/{dag}/dagRuns/{quote(run_id, safe='')}/taskInstances/{task}/logs/{attempt}"
        content = self.get(path, full_content="true")["content"]
        return "\n".join(json.dumps(entry) if isinstance(entry, dict) else str(entry) for entry in content)

    def _explain(self, dag: str, run_id: str) -> str:
        texts = []
        for task in self.tasks(dag, run_id):
            texts.append(f"--- task {task['task_id']}: {task['state']}")
            if task["state"] == "failed":
                texts.append(tail(self.log(dag, run_id, task["task_id"], max(task["try_number"], 1)), 40))
        return "\n".join(texts)
