"""Settings and fixtures that several tests use."""

import logging
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from project import ROOT

# Airflow reads these when it is imported, so they cannot wait for a fixture.
_home = tempfile.TemporaryDirectory(prefix="airflow-home-")
os.environ["AIRFLOW_HOME"] = _home.name
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = str(ROOT / "dags")
os.environ["AIRFLOW__CORE__UNIT_TEST_MODE"] = "False"


@pytest.fixture
def environment(tmp_path):
    """Return the environment of a driver, on the local file system."""
    return {
        "LAKEHOUSE_SPARK_MASTER_URL": "spark://spark-master:7077",
        "LAKEHOUSE_DRIVER_HOST": "airflow-scheduler",
        "LAKEHOUSE_CATALOG_NAME": "lakehouse",
        "LAKEHOUSE_CATALOG_TYPE": "jdbc",
        "LAKEHOUSE_RAW_DATA_URI": str(tmp_path / "customers.csv"),
        "LAKEHOUSE_LAKE_URI": str(tmp_path / "lake"),
        "LAKEHOUSE_S3_ENDPOINT": "http://minio:9000",
        "LAKEHOUSE_S3_PATH_STYLE": "true",
        "LAKEHOUSE_EXECUTOR_CORES": "2",
        "LAKEHOUSE_EXECUTOR_MEMORY": "1g",
        "LAKEHOUSE_DRIVER_MEMORY": "512m",
        "LAKEHOUSE_DBT_SCHEMA": "analytics",
        "LAKEHOUSE_RAW_SCHEMA": "raw",
        "LAKEHOUSE_SNAPSHOT_RETENTION_DAYS": "5",
        "LAKEHOUSE_SNAPSHOTS_KEPT": "1",
        "LAKEHOUSE_ORPHAN_RETENTION_DAYS": "3",
    }


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    """Return one Spark for all tests, as small and quick as it gets, with the images' version of Iceberg."""
    from pyspark.sql import SparkSession

    pom = (ROOT / "images" / "spark" / "pom.xml").read_text()
    iceberg = re.search(r"<iceberg.version>(.+)</iceberg.version>", pom)[1]

    # It writes to a closed stream when Python ends.
    logging.getLogger("py4j").setLevel(logging.WARNING)
    # The machine's own settings and a cluster's must not reach the tests.
    os.environ["SPARK_CONF_DIR"] = str(tmp_path_factory.mktemp("spark-conf"))
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.driver.memory", "512m")
        .config("spark.driver.extraJavaOptions", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1")
        .config("spark.jars.packages", f"org.apache.iceberg:iceberg-spark-runtime-4.1_2.13:{iceberg}")
        .config("spark.sql.extensions", "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.log.level", "ERROR")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture(scope="session")
def sample_data():
    """Return a function that runs the sample generator."""

    def run(*arguments, **options):
        command = ["node", str(ROOT / "tools" / "sample-data.mjs"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, **options)

    return run


@pytest.fixture(scope="session")
def dbt():
    """Return a function that runs dbt on the project."""

    def run(*arguments, environment, target):
        project = str(ROOT / "dbt")
        command = [str(Path(sys.executable).with_name("dbt")), *arguments, "--no-use-colors"]
        paths = {"DBT_TARGET_PATH": str(target / "target"), "DBT_LOG_PATH": str(target / "logs")}
        return subprocess.run(
            [*command, "--project-dir", project, "--profiles-dir", project],
            env={**os.environ, **environment, **paths},
            cwd=target,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run
