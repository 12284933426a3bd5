"""What can be checked of the dbt project without Iceberg; the models themselves run in the end-to-end test."""

import json
import re

import pytest

from customers_frame import SESSION_CONF
from project import ROOT
from utils import customers

CONTRACT = (ROOT / "dbt" / "macros" / "customers_contract.sql").read_text()
JUDGE = (ROOT / "dbt" / "macros" / "judge_customers.sql").read_text()


@pytest.fixture(scope="module")
def manifest(dbt, tmp_path_factory):
    target = tmp_path_factory.mktemp("dbt")
    environment = {
        "LAKEHOUSE_DBT_SCHEMA": "some_schema",
        "LAKEHOUSE_DRIVER_HOST": "dbt",
        "LAKEHOUSE_DRIVER_MEMORY": "1g",
        "LAKEHOUSE_EXECUTOR_CORES": "2",
        "LAKEHOUSE_EXECUTOR_MEMORY": "1g",
        "LAKEHOUSE_RAW_DATA_URI": "s3a://examples/c.csv",
    }
    result = dbt("parse", "--warn-error", "--no-partial-parse", environment=environment, target=target)
    assert result.returncode == 0, result.stdout + result.stderr
    return json.loads((target / "target" / "manifest.json").read_text())


def test_models_are_iceberg_tables_in_the_schema_of_the_environment(manifest):
    models = {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}
    assert sorted(models) == ["customers_by_country", "quarantine_customers", "stg_customers"]
    for node in models.values():
        assert node["schema"] == "some_schema"
        assert node["config"]["materialized"] == "table"
        assert node["config"]["file_format"] == "iceberg"
        assert node["config"]["tblproperties"] == {"write.wap.enabled": "true"}
        assert "One row per" in node["description"]


def test_range_and_referential_tests(manifest):
    tests = {
        (test["attached_node"].split(".")[-1], test["column_name"], test["test_metadata"]["name"])
        for test in manifest["nodes"].values()
        if test["resource_type"] == "test"
    }
    assert {
        ("stg_customers", "subscription_date", "accepted_range"),
        ("customers_by_country", "customer_count", "accepted_range"),
        ("customers_by_country", "country", "relationships"),
        ("quarantine_customers", "rejection_reason", "accepted_values"),
    } <= tests


def test_source_has_a_limit_of_age(manifest):
    (source,) = manifest["sources"].values()
    assert source["freshness"]["warn_after"] == {"count": 30, "period": "day"}
    assert "modificationTime" not in source["loaded_at_query"], "rendered before its time"


def test_every_model_has_key_tests_and_a_unit_test(manifest):
    tested = {
        (test["attached_node"].split(".")[-1], test["test_metadata"]["name"])
        for test in manifest["nodes"].values()
        if test["resource_type"] == "test"
    }
    unit_tested = {test["model"] for test in manifest["unit_tests"].values()}
    for model in ("customers_by_country", "stg_customers"):
        assert (model, "unique") in tested
        assert model in unit_tested


def test_source_has_the_columns_of_the_contract(manifest):
    (source,) = manifest["sources"].values()
    assert [*customers.COLUMNS, "_corrupt_record"] == list(source["columns"])


def test_staging_model_documents_the_columns_of_the_contract(manifest):
    assert list(manifest["nodes"]["model.lakehouse.stg_customers"]["columns"]) == list(customers.COLUMNS.values())


def test_macros_hold_the_same_contract_as_python():
    assert dict(re.findall(r"'(.+)': '(.+)',", CONTRACT)) == dict(customers.COLUMNS)
    assert re.findall(r"^ +'([a-z_]+)',$", CONTRACT, re.MULTILINE) == list(customers.REASONS)
    assert f"return({customers.MAX_REJECTED_SHARE})" in CONTRACT
    assert f"return({customers.MAX_ROW_LINES})" in CONTRACT
    for pattern in (customers.INDEX_PATTERN, customers.DATE_PATTERN, customers.NOT_BLANK_PATTERN):
        assert f"rlike r'{pattern}'" in JUDGE


def test_dbt_runs_with_the_jobs_session_settings():
    profile = (ROOT / "dbt" / "profiles.yml").read_text()
    for key, value in SESSION_CONF.items():
        assert f'{key}: "{value}"' in profile


def test_profile_holds_no_value_of_a_platform():
    profile = (ROOT / "dbt" / "profiles.yml").read_text()
    assert set(re.findall(r"env_var\('([A-Z_]+)'", profile)) == {
        "DBT_TARGET_PATH",
        "LAKEHOUSE_DBT_SCHEMA",
        "LAKEHOUSE_DRIVER_HOST",
        "LAKEHOUSE_DRIVER_MEMORY",
        "LAKEHOUSE_EXECUTOR_CORES",
        "LAKEHOUSE_EXECUTOR_MEMORY",
    }
    assert "://" not in profile
