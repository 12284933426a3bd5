"""How the containers run: what they may do, what they may use, and who can reach them."""

from __future__ import annotations

import pytest

from support import docker, paths

SERVICES = sorted(paths.SERVICES | paths.workers(1))
ALL = sorted({*SERVICES, *paths.INIT_STEPS})
# Published ports, inside and outside.
PUBLISHED = {
    ("airflow-api-server", 8080): "airflow",
    ("spark-master", 8080): "sparkMaster",
    ("minio", 9000): "s3",
    ("minio", 9001): "s3Console",
    ("spark-history", 18080): "sparkHistory",
}
# Where a container may write; everything else that is mounted is read only.
WRITABLE = {
    "postgres": {"/var/lib/lakehouse/postgres"},
    "minio": {"/var/lib/lakehouse/minio"},
    "keys-init": {"/keys/airflow", "/keys/dbt"},
    "airflow-scheduler": {"/opt/airflow/logs"},
    "airflow-dag-processor": {"/opt/airflow/logs"},
    "airflow-triggerer": {"/opt/airflow/logs"},
}


@pytest.fixture(scope="module")
def found() -> dict[str, docker.Inspect]:
    """All containers of the stack."""
    return docker.containers()


@pytest.mark.parametrize("service", ALL)
def test_privileges(found: dict[str, docker.Inspect], service: str) -> None:
    container = found[service]
    host = container["HostConfig"]
    assert container["Config"]["User"] in ("lakehouse", "10001", "10001:10001")
    assert host["CapDrop"] == ["ALL"]
    assert not host["CapAdd"]
    assert not host["Privileged"]
    assert any(option.startswith("no-new-privileges") for option in host["SecurityOpt"])
    assert host["PidMode"] == ""
    assert host["NetworkMode"] != "host"


@pytest.mark.parametrize("service", SERVICES)
def test_runs_as_nobody_special(service: str) -> None:
    """Every process, not only what the image declares."""
    users = docker.docker("top", docker.name(service), "-eo", "pid,uid").splitlines()[1:]
    assert {line.split()[1] for line in users} == {"10001"}


@pytest.mark.parametrize("service", ALL)
def test_limits_and_restarts(found: dict[str, docker.Inspect], service: str) -> None:
    host = found[service]["HostConfig"]
    assert host["Memory"] > 0
    assert host["MemorySwap"] == host["Memory"]
    assert host["RestartPolicy"]["Name"] == ("unless-stopped" if service in SERVICES else "no")


@pytest.mark.parametrize("service", SERVICES)
def test_health_check(found: dict[str, docker.Inspect], service: str) -> None:
    assert found[service]["Config"]["Healthcheck"]["Test"][0] == "CMD"


@pytest.mark.parametrize("service", ALL)
def test_mounts(found: dict[str, docker.Inspect], service: str) -> None:
    writable = {mount["Destination"] for mount in found[service]["Mounts"] if mount["RW"]}
    assert writable == WRITABLE.get(service, set())


@pytest.mark.parametrize("service", ALL)
def test_labels(found: dict[str, docker.Inspect], service: str) -> None:
    labels = found[service]["Config"]["Labels"]
    assert found[service]["Name"] == f"/{docker.name(service)}"
    assert labels["lakehouse.stack"] == paths.STACK
    assert labels["lakehouse.role"] == ("service" if service in SERVICES else "init")


def test_only_the_published_ports_and_only_on_this_machine(found: dict[str, docker.Inspect]) -> None:
    bindings = {
        (service, int(port.split("/")[0])): (bound["HostIp"], int(bound["HostPort"]))
        for service, container in found.items()
        for port, all_bound in container["NetworkSettings"]["Ports"].items()
        for bound in all_bound or []
    }
    assert bindings == {
        inside: ("127.0.0.1", paths.PORTS[outside] + paths.PORT_OFFSET) for inside, outside in PUBLISHED.items()
    }


def test_one_network_of_their_own(found: dict[str, docker.Inspect]) -> None:
    networks = {frozenset(container["NetworkSettings"]["Networks"]) for container in found.values()}
    assert networks == {frozenset({paths.PREFIX})}


def test_volumes_and_network_are_labelled(found: dict[str, docker.Inspect]) -> None:
    left = docker.leftovers(docker.LABEL)
    assert set(left["volumes"]) == {docker.name(volume) for volume in paths.VOLUMES}
    assert left["networks"] == [paths.PREFIX]
    # No volume without a name, which nobody would remove; the Glue double's is there for a later switch.
    used = {mount["Name"] for each in found.values() for mount in each["Mounts"] if mount["Type"] == "volume"}
    assert used == set(left["volumes"]) - {docker.name("glue")}
