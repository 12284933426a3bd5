"""Imports the DAGs as Airflow's DAG processor does."""

import os
import sys
from datetime import UTC, datetime

import pytest

from project import ROOT

DAG_IDS = ["dbt_dag", "duck_db_dag", "empty_dag", "spark_iceberg_dag", "spark_job_dag", "table_maintenance_dag"]


# What all of Airflow's services know, where a laptop's know nothing.
PODS = {
    "LAKEHOUSE_DBT_RUNNER": "pods",
    "LAKEHOUSE_RAW_SCHEMA": "lakehouse_aws_raw",
    "LAKEHOUSE_DBT_SCHEMA": "lakehouse_aws_analytics",
}


def load_dags(shared):
    """Import the DAGs as the DAG processor does: without the data's environment."""
    from airflow.dag_processing.dagbag import DagBag

    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("LAKEHOUSE_", "AWS_"))]:
            patch.delenv(name)
        for name, value in shared.items():
            patch.setenv(name, value)
        # It reads the environment when it is imported.
        patch.delitem(sys.modules, "utils.assets", raising=False)
        bag = DagBag(dag_folder=str(ROOT / "dags"), bundle_path=ROOT / "dags", bundle_name="dags-folder")
    sys.modules.pop("utils.assets", None)
    return bag


@pytest.fixture(scope="module")
def dag_bag():
    return load_dags({})


@pytest.fixture(scope="module")
def pods_dag_bag():
    return load_dags(PODS)


def test_all_dags_import_without_errors_and_warnings(dag_bag):
    assert dag_bag.import_errors == {}
    assert dag_bag.captured_warnings == {}
    assert sorted(dag_bag.dags) == DAG_IDS


def test_where_dbt_runs_in_pods_all_dags_import_as_well(pods_dag_bag):
    from utils.dbt_pod_operator import DbtPodOperator

    assert pods_dag_bag.import_errors == {}
    assert pods_dag_bag.captured_warnings == {}
    assert sorted(pods_dag_bag.dags) == DAG_IDS
    freshness, build = pods_dag_bag.dags["dbt_dag"].tasks
    assert type(freshness) is type(build) is DbtPodOperator
    assert freshness.downstream_task_ids == {"dbt_build"}
    # Names of a template that only a task has, and of nothing secret.
    assert (build.image, build.pod_template_file, build.env_vars) == (None, None, [])


def test_where_schemas_have_other_names_the_assets_have_them(pods_dag_bag):
    (load,) = pods_dag_bag.dags["spark_iceberg_dag"].tasks
    raw = "lakehouse.lakehouse_aws_raw"
    assert [asset.name for asset in load.outlets] == [f"{raw}.customers", f"{raw}.quarantine_customers"]
    dag = pods_dag_bag.dags["dbt_dag"]
    assert [asset.name for asset in dag.schedule] == [f"{raw}.customers"]
    assert {asset.name.rpartition(".")[0] for asset in dag.get_task("dbt_build").outlets} == {
        "lakehouse.lakehouse_aws_analytics"
    }


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_one_run_at_a_time(dag_bag, dag_id):
    dag = dag_bag.dags[dag_id]
    assert dag.catchup is False
    assert dag.max_active_runs == 1
    # A run of a paused DAG would wait forever.
    assert dag.is_paused_upon_creation is False
    assert {task.retries for task in dag.tasks} == {0}
    assert dag.doc_md


def test_what_runs_by_itself(dag_bag):
    scheduled = [dag_id for dag_id in DAG_IDS if dag_bag.dags[dag_id].schedule is not None]
    assert scheduled == ["dbt_dag", "table_maintenance_dag"]


def test_maintenance_of_a_new_stack_waits_for_sunday(dag_bag):
    from airflow.serialization.serialized_objects import DagSerialization

    dag = DagSerialization.from_dict(DagSerialization.to_dict(dag_bag.dags["table_maintenance_dag"]))
    first = dag.next_dagrun_info(last_automated_run_info=None).run_after
    assert first > datetime.now(UTC)
    assert first.strftime("%A %H:%M") == "Sunday 00:00"


def test_maintenance_passes_its_parameters_on(dag_bag):
    (maintain,) = dag_bag.dags["table_maintenance_dag"].tasks
    context = {"params": {"table": "raw.customers", "dry_run": True}}
    maintain.render_template_fields(context)
    assert maintain.application_args == [
        *("--table", "raw.customers"),
        *("--dry-run", "True"),
    ]


@pytest.mark.parametrize("dag_id", DAG_IDS)
@pytest.mark.parametrize("bag", ["dag_bag", "pods_dag_bag"])
def test_survives_the_way_through_the_database(request, bag, dag_id):
    from airflow.serialization.serialized_objects import DagSerialization

    dag = request.getfixturevalue(bag).dags[dag_id]
    assert DagSerialization.from_dict(DagSerialization.to_dict(dag)).task_ids == dag.task_ids


def test_dbt_follows_the_raw_table_and_tables_are_named_as_they_are(dag_bag, environment):
    from utils.config_manager import load_settings

    settings = load_settings(environment)
    (load,) = dag_bag.dags["spark_iceberg_dag"].tasks
    raw = f"{settings.catalog_name}.{settings.raw_schema}"
    assert [asset.name for asset in load.outlets] == [settings.raw_table, f"{raw}.quarantine_customers"]
    assert [asset.name for asset in dag_bag.dags["dbt_dag"].schedule] == [settings.raw_table]
    models = {path.stem for path in (ROOT / "dbt" / "models").rglob("*.sql")}
    build = dag_bag.dags["dbt_dag"].get_task("dbt_build")
    analytics = f"{settings.catalog_name}.{settings.dbt_schema}"
    assert {asset.name for asset in build.outlets} == {f"{analytics}.{model}" for model in models}


def test_commands_hold_no_environment(dag_bag):
    freshness, build = dag_bag.dags["dbt_dag"].tasks
    assert freshness.command == "dbt source freshness --target driver_only --no-populate-cache --no-use-colors"
    assert build.command == "dbt build --no-use-colors"
    assert freshness.environment is build.environment is None
    for dag_id in ("spark_job_dag", "spark_iceberg_dag", "table_maintenance_dag"):
        (submit,) = dag_bag.dags[dag_id].tasks
        assert submit.env_vars is None
        assert submit.conf is None


def test_empty_dag_returns_an_empty_report(dag_bag):
    (hello,) = dag_bag.dags["empty_dag"].tasks
    assert hello.python_callable() == {"rows_written": 0, "rows_rejected": {}}


def test_duck_db_dag_returns_the_report(dag_bag, environment, tmp_path, monkeypatch):
    from customer_files import good, write

    write(tmp_path / "customers.csv", good(3))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    (load,) = dag_bag.dags["duck_db_dag"].tasks
    assert load.python_callable()["rows_written"] == 3
