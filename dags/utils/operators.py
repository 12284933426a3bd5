"""Makes the operators that differ with the place where the platform runs; no DAG asks where that is.

The environment that all of Airflow's services share says it: the DAG processor makes the same operators as a task.
"""

from __future__ import annotations

import os
from typing import Any

from airflow.sdk import BaseOperator

from utils.config_manager import ConfigError

RUNNER = "LAKEHOUSE_DBT_RUNNER"


def dbt_task(**arguments: Any) -> BaseOperator:
    """Make a task that runs one dbt command and returns the project's report.

    LAKEHOUSE_DBT_RUNNER says how: on a ``server`` that takes commands over SSH, also when it is not set, or in
    ``pods``, one for each command.

    :param arguments: ``command``, a dbt command line, and what every operator takes
    :raises ConfigError: the variable has another value
    """
    runner = os.environ.get(RUNNER) or "server"
    # Each needs a provider that the other place may lack.
    if runner == "server":
        from utils.dbt_operator import DbtOperator

        return DbtOperator(**arguments)
    if runner == "pods":
        from utils.dbt_pod_operator import DbtPodOperator

        return DbtPodOperator(**arguments)
    raise ConfigError(f"{RUNNER} is '{runner}'; it must be server or pods.")
