"""The factory, both ways."""

import pytest

from utils.config_manager import ConfigError
from utils.dbt_operator import DbtOperator
from utils.dbt_pod_operator import DbtPodOperator
from utils.operators import dbt_task


@pytest.mark.parametrize(
    ("runner", "operator"), [(None, DbtOperator), ("", DbtOperator), ("server", DbtOperator), ("pods", DbtPodOperator)]
)
def test_the_environment_chooses(monkeypatch, runner, operator):
    monkeypatch.delenv("LAKEHOUSE_DBT_RUNNER", raising=False)
    if runner is not None:
        monkeypatch.setenv("LAKEHOUSE_DBT_RUNNER", runner)
    task = dbt_task(task_id="build", command="dbt build", retries=2)
    assert type(task) is operator
    assert (task.task_id, task.command, task.retries) == ("build", "dbt build", 2)


def test_another_value_says_what_is_allowed(monkeypatch):
    monkeypatch.setenv("LAKEHOUSE_DBT_RUNNER", "pod")
    with pytest.raises(ConfigError, match=r"^LAKEHOUSE_DBT_RUNNER is 'pod'; it must be server or pods\.$"):
        dbt_task(task_id="build", command="dbt build")
