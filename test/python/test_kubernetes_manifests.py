"""What the tests on a real Kubernetes change of the program's objects, without one."""

from __future__ import annotations

import copy
import importlib.util

import jsonschema
import pytest

from custom_resources import SCHEMAS
from project import ROOT

_spec = importlib.util.spec_from_file_location("manifests", ROOT / "test/kubernetes/support/manifests.py")
manifests = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(manifests)

ROLE_BINDING = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "RoleBinding",
    "metadata": {"name": "spark-driver", "namespace": "lakehouse"},
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "spark-driver"},
    "subjects": [
        {"kind": "ServiceAccount", "name": "dbt", "namespace": "lakehouse"},
        {"kind": "ServiceAccount", "name": "other", "namespace": "elsewhere"},
    ],
}


def test_objects_are_read_in_the_order_of_their_files(tmp_path):
    for name in ("02-role-b", "10-role-c", "01-namespace-a"):
        path = tmp_path / "jdbc" / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"kind: Role\nmetadata: {{ name: {name[-1]} }}\n", "utf-8")
    (tmp_path / "empty").mkdir()
    assert manifests.configurations(tmp_path) == ["jdbc"]
    assert [each["metadata"]["name"] for each in manifests.read(tmp_path / "jdbc")] == ["a", "b", "c"]


def test_a_binding_moves_with_its_own_accounts_only():
    before = copy.deepcopy(ROLE_BINDING)
    moved = manifests.relocate(ROLE_BINDING, "mine")
    assert moved["metadata"]["namespace"] == "mine"
    assert [subject["namespace"] for subject in moved["subjects"]] == ["mine", "elsewhere"]
    assert before == ROLE_BINDING


def test_the_namespace_itself_moves_and_what_has_none_stays():
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "lakehouse"}}
    assert manifests.relocate(namespace, "mine")["metadata"] == {"name": "mine"}
    node_class = {"apiVersion": "eks.amazonaws.com/v1", "kind": "NodeClass", "metadata": {"name": "lakehouse"}}
    assert manifests.relocate(node_class, "mine") == node_class
    assert [manifests.is_cluster_wide(each) for each in (namespace, node_class, ROLE_BINDING)] == [False, True, False]


def test_only_a_template_without_image_gets_one():
    pod = {"kind": "Pod", "spec": {"containers": [{"name": "a"}, {"name": "b", "image": "theirs"}]}}
    images = [container["image"] for container in manifests.complete(pod)["spec"]["containers"]]
    assert images == [manifests.NODE_IMAGE, "theirs"]
    assert "image" not in pod["spec"]["containers"][0]
    assert manifests.complete(ROLE_BINDING) is ROLE_BINDING


@pytest.mark.parametrize("kind", SCHEMAS, ids=lambda kind: kind[1])
def test_definitions_have_structural_schemas(kind):
    """The rules that matter of https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/."""
    made = manifests.definition(*kind, SCHEMAS[kind])
    names = made["spec"]["names"]
    assert made["metadata"]["name"] == f"{names['plural']}.{kind[0].split('/')[0]}"
    assert names["plural"] in ("nodeclasses", "nodepools")
    schema = made["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    jsonschema.Draft202012Validator.check_schema(schema)
    pending = [schema]
    while pending:
        part = pending.pop()
        assert "type" in part
        assert part.get("additionalProperties") is not False
        assert "const" not in part
        pending += part.get("properties", {}).values()
        pending += [part[key] for key in ("items", "additionalProperties") if key in part]
