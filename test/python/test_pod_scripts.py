"""The images' scripts that make a pod a driver or an executor, with the test's directories in place of the image's."""

import subprocess
import time

import pytest

from project import ROOT

SCRIPTS = ROOT / "images" / "scripts"


@pytest.fixture
def scripts(tmp_path):
    """Return a function that runs one of the scripts in an environment; it starts a java of ours."""
    for directory in ("run", "conf", "bin"):
        (tmp_path / directory).mkdir()
    for name in ("entrypoint", "kubernetes-executor", "decommission-executor", "dbt-command"):
        text = (SCRIPTS / name).read_text().replace("/opt/dbt/venv/bin/dbt", str(tmp_path / "bin" / "dbt"))
        text = text.replace("/opt/dbt/project", str(tmp_path))
        text = text.replace("/opt/spark/conf", str(tmp_path / "conf")).replace("/run/lakehouse", str(tmp_path / "run"))
        (tmp_path / "bin" / name).write_text(text.replace("/opt/lakehouse", str(tmp_path / "bin")))
        (tmp_path / "bin" / name).chmod(0o755)

    image = {"PATH": f"{tmp_path}/bin:/usr/bin:/bin", "SPARK_CONF_DIR": f"{tmp_path}/run/spark"}

    def start(name, *arguments, java="printf '%s\\n' \"$@\"", **environment):
        (tmp_path / "bin" / "java").write_text(f"#!/bin/sh\n{java}\n")
        (tmp_path / "bin" / "java").chmod(0o755)
        return subprocess.Popen(
            [str(tmp_path / "bin" / name), *arguments],
            env={**image, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return start


def output(process):
    text, _ = process.communicate(timeout=20)
    assert process.returncode == 0, text
    return text


# What Spark 4.1 puts into an executor's pod.
EXECUTOR = {
    "SPARK_HOME": "/opt/spark/home",
    "SPARK_DRIVER_URL": "spark://CoarseGrainedScheduler@10.0.0.7:7078",
    "SPARK_EXECUTOR_ID": "3",
    "SPARK_EXECUTOR_CORES": "2",
    "SPARK_EXECUTOR_MEMORY": "4096m",
    "SPARK_APPLICATION_ID": "spark-1",
    "SPARK_EXECUTOR_POD_IP": "10.0.0.9",
    "SPARK_EXECUTOR_POD_NAME": "job-exec-3",
    "SPARK_RESOURCE_PROFILE_ID": "0",
    # Meant for Spark's own image, where this is a mounted config map.
    "SPARK_CONF_DIR": "/proc/no/such/directory",
    "_SPARK_AUTH_SECRET": "hidden",
} | {f"SPARK_JAVA_OPT_{index}": f"-Doption{index}=a b" for index in range(12)}


def test_an_executors_pod_becomes_an_executor(scripts):
    arguments = output(scripts("entrypoint", "executor", **EXECUTOR)).splitlines()
    assert arguments == [
        # In the driver's order, blanks and all.
        *(f"-Doption{index}=a b" for index in range(12)),
        *("-Xms4096m", "-Xmx4096m", "-cp", "/opt/spark/home/jars/*"),
        "org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend",
        *("--driver-url", "spark://CoarseGrainedScheduler@10.0.0.7:7078"),
        *("--executor-id", "3"),
        *("--cores", "2"),
        *("--app-id", "spark-1"),
        *("--hostname", "10.0.0.9"),
        *("--resourceProfileId", "0"),
        *("--podName", "job-exec-3"),
    ]


def test_an_executors_own_jars_come_first(scripts):
    arguments = output(scripts("entrypoint", "executor", **EXECUTOR, SPARK_CLASSPATH="/a.jar:/b.jar")).splitlines()
    assert arguments[arguments.index("-cp") + 1] == "/a.jar:/b.jar:/opt/spark/home/jars/*"


def test_an_executor_has_the_secret_in_its_environment(scripts):
    assert output(scripts("entrypoint", "executor", java='echo "$_SPARK_AUTH_SECRET"', **EXECUTOR)) == "hidden\n"


def test_an_executor_is_told_and_waited_for(scripts, tmp_path):
    # Like the JVM: it ends when it has given its blocks away, a while after the signal.
    java = f"trap 'sleep 0.5; touch {tmp_path}/moved; exit 0' PWR; while :; do sleep 0.05; done"
    executor = scripts("entrypoint", "executor", java=java, **EXECUTOR)
    deadline = time.monotonic() + 20
    while not (tmp_path / "run" / "executor.pid").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    # Its trap has to be set.
    time.sleep(0.5)
    assert int((tmp_path / "run" / "executor.pid").read_text()) == executor.pid
    decommission = scripts("decommission-executor", java=java)
    # As tini does in a pod.
    assert executor.wait(timeout=20) == 0
    assert output(decommission) == ""
    assert (tmp_path / "moved").exists()


def test_an_executor_that_has_ended_is_not_waited_for(scripts, tmp_path):
    ended = subprocess.Popen(["true"])
    ended.wait()
    (tmp_path / "run" / "executor.pid").write_text(f"{ended.pid}\n")
    assert output(scripts("decommission-executor")) == ""


def defaults(tmp_path):
    return (tmp_path / "run" / "spark" / "spark-defaults.conf").read_text()


def test_a_drivers_pod_is_its_executors_owner(scripts, tmp_path):
    (tmp_path / "conf" / "spark-defaults.conf").write_text("spark.master k8s://https://kubernetes\n")
    (tmp_path / "conf" / "executor-pod.yaml").write_text("{}\n")
    # Kubernetes makes the files of a config map links.
    (tmp_path / "conf" / "..data").symlink_to(tmp_path / "conf")
    assert output(scripts("entrypoint", "echo", "hello", LAKEHOUSE_POD_NAME="dbt-build-1")) == "hello\n"
    assert defaults(tmp_path).splitlines() == [
        "spark.master k8s://https://kubernetes",
        "",
        "spark.kubernetes.driver.pod.name dbt-build-1",
    ]
    assert (tmp_path / "run" / "spark" / "executor-pod.yaml").exists()
    assert (tmp_path / "run" / "spark" / "spark-defaults.conf").stat().st_mode & 0o077 == 0


def test_elsewhere_the_configuration_is_as_it_was_mounted(scripts, tmp_path):
    (tmp_path / "conf" / "spark-defaults.conf").write_text("spark.master spark://spark-master:7077\n")
    output(scripts("entrypoint", "true"))
    assert defaults(tmp_path) == "spark.master spark://spark-master:7077\n"


@pytest.mark.parametrize("code", [0, 2])
def test_dbts_pod_ends_with_dbts_exit_code_but_after_its_driver(scripts, tmp_path, code):
    dbt = tmp_path / "bin" / "dbt"
    # As dbt does, it leaves a driver behind, which has something to finish.
    driver = f'(sleep 1; echo closed >"{tmp_path}/log") >/dev/null 2>&1'
    dbt.write_text(f'#!/bin/sh\n{driver} &\necho "$PWD $*"\nexit {code}\n')
    dbt.chmod(0o755)
    process = scripts("entrypoint", "dbt", "build", "--select", "a b", LAKEHOUSE_POD_NAME="dbt-1")
    text, _ = process.communicate(timeout=20)
    assert (text, process.returncode) == (f"{tmp_path} build --select a b\n", code)
    assert (tmp_path / "log").read_text() == "closed\n"
