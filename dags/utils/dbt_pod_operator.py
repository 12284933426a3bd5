"""Runs dbt in a pod of its own and returns the report that the project prints."""

from __future__ import annotations

import os
import shlex
from typing import Any

from airflow.providers.cncf.kubernetes.callbacks import KubernetesPodOperatorCallback
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk.bases.xcom import BaseXCom
from airflow.sdk.exceptions import AirflowException
from kubernetes.client import models as k8s

from utils.config_manager import ConfigError
from utils.dbt_report import parse_report, require_report

IMAGE = "LAKEHOUSE_DBT_IMAGE"
POD_TEMPLATE = "LAKEHOUSE_DBT_POD_TEMPLATE"
# This task's own pod.
POD_NAME = "LAKEHOUSE_POD_NAME"
POD_UID = "LAKEHOUSE_POD_UID"
# A node may have to be started first, and to fetch the image.
STARTUP_SECONDS = 900


class DbtPodOperator(KubernetesPodOperator):
    """Run one dbt command in a pod, made from the platform's template.

    The template has service account, environment, volumes and limits; no secret stands here, in XCom or in the log.
    The pod belongs to the task's own: killing the task ends it, and so does whatever ends the task's pod.

    The environment is read when the task runs, not when the file is parsed: the DAG processor has none of it.

    :param command: a dbt command line
    """

    def __init__(self, *, command: str, **kwargs: Any) -> None:
        super().__init__(
            arguments=shlex.split(command),
            # The task's pod reaches the API server with its service account.
            kubernetes_conn_id=None,
            get_logs=True,
            # Without "[base]" before every line.
            container_name_log_prefix_enabled=False,
            startup_timeout_seconds=STARTUP_SECONDS,
            log_events_on_failure=True,
            log_pod_spec_on_failure=False,
            on_finish_action="delete_pod",
            # A second try could not find the pod: it has ended with the first.
            durable=False,
            deferrable=False,
            **kwargs,
        )
        self.command = command

    def execute(self, context: Any) -> dict[str, Any]:
        """Run the command, log what it prints as it comes, and return its report."""
        environment = _read_environment()
        self.image, self.pod_template_file = environment[IMAGE], environment[POD_TEMPLATE]
        reader = _ReportReader()
        self.callbacks = [reader]
        self.log.info("Running in a pod: %s", self.command)
        super().execute(context)
        report = require_report(reader.report, self.command)
        # The operator's own way to return a value would need a second container that writes it.
        context["ti"].xcom_push(key=BaseXCom.XCOM_RETURN_KEY, value=report)
        return report

    def build_pod_request_obj(self, context: Any = None, **kwargs: Any) -> k8s.V1Pod:
        """Make the pod belong to the task's own."""
        pod = super().build_pod_request_obj(context, **kwargs)
        environment = _read_environment()
        pod.metadata.owner_references = [
            k8s.V1OwnerReference(api_version="v1", kind="Pod", name=environment[POD_NAME], uid=environment[POD_UID])
        ]
        return pod

    def cleanup(self, pod: k8s.V1Pod, remote_pod: k8s.V1Pod, *args: Any, **kwargs: Any) -> None:
        """Delete the pod, and say with which exit code dbt ended where that is the reason of a failure."""
        try:
            super().cleanup(pod, remote_pod, *args, **kwargs)
        except AirflowException:
            ended = _termination(remote_pod, self.base_container_name)
            if ended is None:
                raise
            because = "" if ended.reason in (None, "Error") else f" ({ended.reason})"
            raise RuntimeError(
                f"'{self.command}' ended with exit code {ended.exit_code}{because}; its last lines above say why."
            ) from None


class _ReportReader(KubernetesPodOperatorCallback):
    """Looks for the report in what the pod prints."""

    def __init__(self) -> None:
        self.report: dict[str, Any] | None = None

    def progress_callback(self, *, line: str, **_: Any) -> None:  # type: ignore[override]
        """Read one message, which may have several lines."""
        for part in line.splitlines():
            self.report = parse_report(part) or self.report


def _read_environment() -> dict[str, str]:
    names = (IMAGE, POD_TEMPLATE, POD_NAME, POD_UID)
    values = {name: os.environ.get(name, "") for name in names}
    missing = [name for name in names if not values[name]]
    if missing:
        raise ConfigError(f"{' and '.join(missing)} must be set: a task that starts dbt's pods needs them.")
    return values


def _termination(pod: k8s.V1Pod, container: str) -> k8s.V1ContainerStateTerminated | None:
    statuses = (pod.status and pod.status.container_statuses) or []
    return next((status.state.terminated for status in statuses if status.name == container and status.state), None)
