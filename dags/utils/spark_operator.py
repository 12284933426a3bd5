"""Submits a job of dags/spark/ and returns the report that it writes."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator

from utils.config_manager import Settings, load_settings, spark_conf

JOBS_DIR = Path(__file__).resolve().parents[1] / "spark"
# What the report of a job that writes rows says.
ROWS = ("rows_written", "rows_rejected")


class SparkJobOperator(SparkSubmitOperator):
    """Run a job of dags/spark/ on the cluster; the driver runs here.

    The environment is read when the task runs, not when the file is parsed: the DAG processor has no access to the data
    and needs none. Killing the task kills spark-submit, and the master then ends the application.

    :param job: file name in dags/spark/
    :param arguments: makes the job's arguments from the settings
    :param application_args: further arguments, which may be templates
    :param reports: what the job's report must hold
    """

    def __init__(
        self, *, job: str, arguments: Callable[[Settings], list[str]], reports: Sequence[str] = ROWS, **kwargs: Any
    ) -> None:
        super().__init__(application=str(JOBS_DIR / job), conn_id="spark_default", **kwargs)
        self._arguments = arguments
        self._reports = reports

    def execute(self, context: Any) -> dict[str, Any]:
        """Submit the job, wait for it, and return its report."""
        settings = load_settings(os.environ)
        with tempfile.TemporaryDirectory(prefix="spark-job-") as directory:
            report = Path(directory) / "report.json"
            self.name = f"{context['dag'].dag_id}.{self.task_id}"
            self.conf = spark_conf(settings)
            further = self.application_args or []
            self.application_args = [*self._arguments(settings), *further, "--report", str(report)]
            super().execute(context)
            return read_report(report, self._reports)


def read_report(path: Path, needed: Sequence[str]) -> dict[str, Any]:
    """Read a job's report.

    :param needed: keys that it must hold
    :raises RuntimeError: the job left none, or not one
    """
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RuntimeError("The job ended well but wrote no report: does it heed --report?") from None
    except ValueError as error:
        raise RuntimeError(f"The job's report is not JSON: {error}") from None
    if not isinstance(report, dict) or not report.keys() >= set(needed):
        raise RuntimeError(f"The job's report lacks {' or '.join(needed)}.")
    return report
