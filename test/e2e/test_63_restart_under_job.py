"""The database and the store restart under a running pipeline; the catalogs' own servers do in test_61_catalogs.py."""

from __future__ import annotations

from typing import Any

import pytest

from support.restarts import check_restart


@pytest.mark.services("postgres", "minio", "airflow-scheduler", "airflow-api-server")
@pytest.mark.parametrize("service", ["postgres", "minio"])
def test_restart_under_job(outputs: dict[str, Any], service: str) -> None:
    """With the jdbc catalog, whose pointers are in the database."""
    assert outputs["catalogType"] == "jdbc"
    check_restart(outputs, service)
