"""Submits a job of dags/spark/ and returns the report that it writes."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator

from utils.config_manager import Settings, load_settings, spark_conf

JOBS_DIR = Path(__file__).resolve().parents[1] / "spark"


class SparkJobOperator(SparkSubmitOperator):
    """Run a job of dags/spark/ on the cluster; the driver runs here.

    The environment is read when the task runs, not when the file is parsed: the DAG processor has no access to the data
    and needs none. Killing the task kills spark-submit, and the master then ends the application.

    :param job: file name in dags/spark/
    :param arguments: makes the job's arguments from the settings
    """

    def __init__(self, *, job: str, arguments: Callable[[Settings], list[str]], **kwargs: Any) -> None:
        super().__init__(application=str(JOBS_DIR / job), conn_id="spark_default", **kwargs)
        self._arguments = arguments

    def execute(self, context: Any) -> dict[str, Any]:
        """Submit the job, wait for it, and return its report."""
        settings = load_settings(os.environ)
        with tempfile.TemporaryDirectory(prefix="spark-job-") as directory:
            report = Path(directory) / "report.json"
            self.name = f"{context['dag'].dag_id}.{self.task_id}"
            self.conf = spark_conf(settings)
            self.application_args = [*self._arguments(settings), "--report", str(report)]
            super().execute(context)
            return read_report(report)


def read_report(path: Path) -> dict[str, Any]:
    """Read a job's report.

    :raises RuntimeError: the job left none, or not one
    """
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RuntimeError("The job ended well but wrote no report: does it call run_job()?") from None
    except ValueError as error:
        raise RuntimeError(f"The job's report is not JSON: {error}") from None
    if not isinstance(report, dict) or "rows_written" not in report or "rows_rejected" not in report:
        raise RuntimeError("The job's report lacks rows_written or rows_rejected.")
    return report
