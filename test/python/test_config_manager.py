"""From the environment to settings and Spark conf."""

import pytest

from utils.config_manager import (
    ConfigError,
    load_settings,
    spark_conf,
    spark_iceberg_arguments,
    spark_job_arguments,
    table_maintenance_arguments,
)


def test_reads_every_variable(environment):
    settings = load_settings(environment | {"LAKEHOUSE_RAW_DATA_URI": "s3a://examples/c.csv"})
    assert settings.spark_master_url == "spark://spark-master:7077"
    assert settings.driver_host == "airflow-scheduler"
    assert settings.catalog_type == "jdbc"
    assert settings.raw_data_uri == "s3a://examples/c.csv"
    assert settings.s3_endpoint == "http://minio:9000"
    assert settings.s3_path_style is True
    assert settings.executor_cores == 2
    assert settings.raw_table == "lakehouse.raw.customers"
    assert settings.dbt_schema == "analytics"


def test_the_object_stores_address_is_optional(environment):
    del environment["LAKEHOUSE_S3_ENDPOINT"], environment["LAKEHOUSE_S3_PATH_STYLE"]
    settings = load_settings(environment)
    assert settings.s3_endpoint is None
    assert settings.s3_path_style is False


def test_lists_everything_that_is_missing():
    with pytest.raises(ConfigError) as error:
        load_settings({})
    message = str(error.value)
    assert message.startswith("The environment of this service is not usable: ")
    assert "LAKEHOUSE_CATALOG_TYPE is not set; it must be one of hadoop, jdbc, hive, glue, rest" in message
    assert message.count("is not set") == 14


URI = "it must be an absolute path or an address with one of the schemes s3a, s3, file"
MEMORY = "it must be a whole number with the unit m or g, such as 512m or 2g"
NAME = "it must be lower-case letters, digits and underscores"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("LAKEHOUSE_CATALOG_TYPE", "delta", "it must be one of hadoop, jdbc, hive, glue, rest"),
        ("LAKEHOUSE_EXECUTOR_CORES", "0", "it must be a whole number above 0"),
        ("LAKEHOUSE_EXECUTOR_CORES", "1.5", "it must be a whole number above 0"),
        ("LAKEHOUSE_EXECUTOR_MEMORY", "2GB", MEMORY),
        ("LAKEHOUSE_DRIVER_MEMORY", "1", MEMORY),
        ("LAKEHOUSE_RAW_DATA_URI", "ftp://host/file.csv", URI),
        ("LAKEHOUSE_RAW_DATA_URI", "s3a:///file.csv", URI),
        ("LAKEHOUSE_LAKE_URI", "s3a://key:secret@lake", URI),
        ("LAKEHOUSE_S3_ENDPOINT", "minio:9000", "it must be an http:// or https:// address without a path"),
        ("LAKEHOUSE_S3_ENDPOINT", "http://minio/x", "it must be an http:// or https:// address without a path"),
        ("LAKEHOUSE_S3_PATH_STYLE", "yes", "it must be true or false"),
        ("LAKEHOUSE_RAW_SCHEMA", "raw; drop table x", NAME),
        ("LAKEHOUSE_DBT_SCHEMA", "Analytics", NAME),
        ("LAKEHOUSE_SNAPSHOT_RETENTION_DAYS", "0", "it must be a whole number above 0"),
        ("LAKEHOUSE_SNAPSHOTS_KEPT", "all", "it must be a whole number above 0"),
        ("LAKEHOUSE_ORPHAN_RETENTION_DAYS", "0.1", "it must be a whole number above 0"),
        ("LAKEHOUSE_DRIVER_HOST", "a b", "it must be a host name"),
        ("LAKEHOUSE_SPARK_MASTER_URL", "http://m", "it must be a Spark master, such as spark://spark-master:7077"),
    ],
)
def test_names_variable_value_and_what_is_allowed(environment, name, value, expected):
    with pytest.raises(ConfigError) as error:
        load_settings(environment | {name: value})
    assert str(error.value) == f"The environment of this service is not usable: {name} is '{value}'; {expected}."


def test_spark_conf_holds_what_the_run_adds_and_no_secret(environment):
    secrets = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "hidden", "_SPARK_AUTH_SECRET": "hidden"}
    assert spark_conf(load_settings(environment | secrets)) == {
        "spark.driver.host": "airflow-scheduler",
        "spark.driver.memory": "512m",
        "spark.executor.cores": "2",
        "spark.executor.memory": "1g",
        "spark.log.level": "WARN",
    }


def test_arguments_of_the_jobs(environment):
    uris = {"LAKEHOUSE_RAW_DATA_URI": "s3a://examples/c.csv", "LAKEHOUSE_LAKE_URI": "s3a://lakehouse/"}
    settings = load_settings(environment | uris)
    assert spark_job_arguments(settings) == [
        "--source",
        "s3a://examples/c.csv",
        "--target",
        "s3a://lakehouse/spark_job/customers",
    ]
    assert spark_iceberg_arguments(settings) == [
        "--source",
        "s3a://examples/c.csv",
        "--table",
        "lakehouse.raw.customers",
    ]
    assert table_maintenance_arguments(settings) == [
        *("--catalog", "lakehouse"),
        *("--snapshot-retention-days", "5"),
        *("--snapshots-kept", "1"),
        *("--orphan-retention-days", "3"),
    ]
