"""Every object that the program registers, on a real API server; and what the accounts of the platform may do there.

No pod of these starts: the images are not there, so the node takes none meanwhile.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from custom_resources import SCHEMAS
from support.cluster import Cluster
from support.manifests import (
    Manifest,
    complete,
    configurations,
    definition,
    is_cluster_wide,
    kind_of,
    read,
    relocate,
    text,
)

DIRECTORY = Path(os.environ["LAKEHOUSE_MANIFESTS"])

# Verbs on pods, by account: what Spark's drivers and Airflow do to the pods that they make.
DRIVER = {"create", "delete", "deletecollection", "get", "list", "watch"}
LAUNCHER = {"create", "delete", "get", "list", "patch", "watch"}
ON_PODS = {
    "airflow": LAUNCHER,
    "airflow-task": DRIVER | LAUNCHER,
    "dbt": DRIVER,
    "spark-executor": set(),
    "spark-history": set(),
}
VERBS = sorted(DRIVER | LAUNCHER | {"update"})
# What would let an account become more than it is.
NOBODY_MAY = [
    ("get", "secrets"),
    ("list", "secrets"),
    ("create", "serviceaccounts/token"),
    ("create", "rolebindings"),
    ("update", "roles"),
    ("create", "pods/exec"),
    ("patch", "deployments"),
    ("get", "nodes"),
]

# What the configurations have in common is looked at in one.
ONE = pytest.mark.parametrize("objects", ["default"], indirect=True)


@pytest.fixture(scope="module")
def closed(cluster: Cluster) -> Iterator[Cluster]:
    """The cluster, whose own node takes no pods."""
    if cluster.is_own:
        cluster.run("cordon", "node")
    yield cluster
    if cluster.is_own:
        cluster.run("uncordon", "node")


@pytest.fixture(scope="module")
def unknown(closed: Cluster) -> set[tuple[str, str]]:
    """Kinds of the program's objects that the server does not know by itself."""
    every = [manifest for name in configurations(DIRECTORY) for manifest in read(DIRECTORY / name)]
    return {kind_of(manifest) for manifest in every} - closed.kinds()


@pytest.fixture(scope="module")
def definitions(closed: Cluster, unknown: set[tuple[str, str]]) -> Iterator[None]:
    """The custom resources that EKS Auto Mode brings along; on someone's cluster they are as they are."""
    if not closed.is_own:
        yield
        return
    made = [definition(*kind, SCHEMAS[kind]) for kind in sorted(unknown & SCHEMAS.keys())]
    applied = closed.apply(made)
    assert applied.returncode == 0, applied.stderr
    names = [f"crd/{each['metadata']['name']}" for each in made]
    closed.run("wait", "--for=condition=Established", *names, "--timeout=60s")
    yield
    closed.run("delete", *names)


@pytest.fixture(scope="module", params=configurations(DIRECTORY))
def objects(
    request: pytest.FixtureRequest, closed: Cluster, unknown: set[tuple[str, str]], definitions: None
) -> Iterator[list[Manifest]]:
    """The objects of a configuration, applied; and removed again."""
    found = [relocate(complete(manifest), closed.namespace) for manifest in read(DIRECTORY / request.param)]
    if not closed.is_own:
        # Of someone's cluster only the test's own namespace is changed.
        found = [manifest for manifest in found if kind_of(manifest) not in unknown]
        whole = [manifest for manifest in found if is_cluster_wide(manifest)]
        tried = closed.apply(whole, "--dry-run=server") if whole else None
        assert tried is None or tried.returncode == 0, tried.stderr
        found = [manifest for manifest in found if not is_cluster_wide(manifest)]
    try:
        applied = closed.apply(found)
        assert (applied.returncode, applied.stderr) == (0, "")
        yield found
    finally:
        closed.run("delete", "namespace", closed.namespace, "--ignore-not-found", "--timeout=180s")
        for manifest in found:
            if is_cluster_wide(manifest):
                closed.run("delete", manifest["kind"].lower(), manifest["metadata"]["name"], "--ignore-not-found")


def test_all_configurations_are_there() -> None:
    assert configurations(DIRECTORY), f"{DIRECTORY} holds no manifests: test/unit/aws/manifests.test.ts writes them"


def test_only_custom_resources_of_eks_are_unknown_to_the_server(closed: Cluster, unknown: set[tuple[str, str]]) -> None:
    brought_along = {("eks.amazonaws.com/v1", "NodeClass"), ("karpenter.sh/v1", "NodePool")}
    assert unknown == brought_along if closed.is_own else unknown <= brought_along


def test_every_object_is_there(closed: Cluster, objects: list[Manifest]) -> None:
    found = json.loads(closed.run("get", "--filename=-", "--output=json", stdin=text(objects)))["items"]
    assert [(*kind_of(each), each["metadata"]["name"]) for each in found] == [
        (*kind_of(each), each["metadata"]["name"]) for each in objects
    ]


def test_a_second_apply_changes_nothing(closed: Cluster, objects: list[Manifest]) -> None:
    assert closed.difference(objects) == ""
    again = closed.apply(objects)
    assert (again.returncode, again.stderr) == (0, "")


@ONE
def test_a_change_would_be_seen(closed: Cluster, objects: list[Manifest]) -> None:
    changed = copy.deepcopy(next(each for each in objects if each["kind"] == "ConfigMap"))
    changed["data"]["added"] = "by a test"
    assert "+  added: by a test" in closed.difference([changed])


@ONE
@pytest.mark.parametrize(
    ("kind", "place", "field"),
    [
        ("Deployment", ("spec", "template", "spec"), "serviceAcountName"),
        ("Role", ("rules", 0), "verb"),
        ("Pod", ("spec",), "tolerationz"),
    ],
)
def test_a_misspelled_field_is_refused(
    closed: Cluster, objects: list[Manifest], kind: str, place: tuple[str | int, ...], field: str
) -> None:
    manifest = copy.deepcopy(next(each for each in objects if each["kind"] == kind))
    part = manifest
    for step in place:
        part = part[step]
    part[field] = "x"
    refused = closed.apply([manifest], "--dry-run=server")
    assert refused.returncode != 0
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in (*place, field))
    assert f"{path}: field not declared in schema" in refused.stderr


@ONE
def test_a_privileged_pod_is_refused_by_the_namespaces_standard(closed: Cluster, objects: list[Manifest]) -> None:
    pod = copy.deepcopy(next(each for each in objects if each["kind"] == "Pod"))
    pod["metadata"]["name"] = "intruder"
    pod["spec"]["containers"][0]["securityContext"] = {"privileged": True}
    refused = closed.apply([pod])
    assert refused.returncode != 0
    assert 'violates PodSecurity "restricted' in refused.stderr


@ONE
@pytest.mark.parametrize("account", ON_PODS)
def test_accounts_may_do_to_pods_what_they_need(closed: Cluster, objects: list[Manifest], account: str) -> None:
    assert {verb for verb in VERBS if closed.may(account, verb, "pods")} == ON_PODS[account]


@ONE
@pytest.mark.parametrize("account", ON_PODS)
def test_no_account_may_become_more_than_it_is(closed: Cluster, objects: list[Manifest], account: str) -> None:
    assert [(verb, what) for verb, what in NOBODY_MAY if closed.may(account, verb, what)] == []


@ONE
@pytest.mark.parametrize(("account", "succeeds"), [("airflow-task", True), ("spark-executor", False)])
def test_who_may_create_a_pod(closed: Cluster, objects: list[Manifest], account: str, succeeds: bool) -> None:
    pod = copy.deepcopy(next(each for each in objects if each["kind"] == "Pod"))
    pod["metadata"]["name"] = "made-by-a-pod"
    user = f"system:serviceaccount:{closed.namespace}:{account}"
    done = closed.try_run("create", "--dry-run=server", f"--as={user}", "--filename=-", stdin=json.dumps(pod))
    assert (done.returncode == 0) is succeeds, done.stderr
    assert succeeds or f'User "{user}" cannot create resource "pods"' in done.stderr
