"""The cluster's objects, as the program registers them, against the schemas of the Kubernetes version that it pins."""

from __future__ import annotations

import copy
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from custom_resources import SCHEMAS
from project import ROOT

Manifest = dict[str, Any]

VERSION = re.search(r'KUBERNETES_VERSION = "([\d.]+)"', (ROOT / "components/target/aws-cluster.ts").read_text("utf-8"))[
    1
]


def problems(manifest: Manifest) -> list[str]:
    """Tell what the API server would refuse or ignore of an object: also fields that it does not know."""
    schema = SCHEMAS.get((manifest["apiVersion"], manifest["kind"]))
    if schema is not None:
        return [
            f"{error.json_path}: {error.message}"
            for error in jsonschema.Draft202012Validator(schema).iter_errors(manifest)
        ]
    try:
        validated = kubernetes_validate.validate(manifest, VERSION, strict=True)
    except kubernetes_validate.ValidationError as error:
        return [f"{'.'.join(str(part) for part in error.path)}: {error.message}"]
    except kubernetes_validate.SchemaNotFoundError as error:
        return [error.message]
    # It falls back to an older version where it has none of this one.
    return [] if validated == VERSION else [f"validated against Kubernetes {validated}"]


@pytest.fixture(scope="module")
def manifests(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Manifest]:
    """Every object of several configurations, written by the program under its mocks."""
    directory = tmp_path_factory.mktemp("manifests")
    subprocess.run(
        [ROOT / "node_modules/.bin/jest", "test/unit/aws/manifests.test.ts", "--silent", "--maxWorkers=1"],
        cwd=ROOT,
        env={**os.environ, "LAKEHOUSE_MANIFESTS": str(directory)},
        check=True,
        capture_output=True,
        text=True,
    )
    files = sorted(directory.glob("*/*.yaml"))
    return {str(file.relative_to(directory)): yaml.safe_load(file.read_text("utf-8")) for file in files}


def one_of(kind: str, manifests: dict[str, Manifest]) -> Manifest:
    """Copy the first object of a kind."""
    return copy.deepcopy(next(each for each in manifests.values() if each["kind"] == kind))


def test_all_objects_are_valid(manifests: dict[str, Manifest]) -> None:
    found = {file: problems(manifest) for file, manifest in manifests.items()}
    assert {file: each for file, each in found.items() if each} == {}


def test_objects_of_several_configurations_are_there(manifests: dict[str, Manifest]) -> None:
    assert {Path(file).parent.name for file in manifests} >= {"default", "existing-network", "jdbc", "production"}
    kinds = {manifest["kind"] for manifest in manifests.values()}
    assert kinds >= {"ConfigMap", "Deployment", "Job", "NodeClass", "NodePool", "Pod", "Role", "Secret", "Service"}


@pytest.mark.parametrize(
    ("kind", "place", "field", "message"),
    [
        ("Deployment", ("spec", "template", "spec"), "serviceAcountName", "'serviceAcountName' was unexpected"),
        ("Role", ("rules", 0), "verb", "'verb' was unexpected"),
        ("NodePool", ("spec", "template", "spec"), "requirement", "'requirement' was unexpected"),
        ("NodeClass", ("spec",), "subnets", "'subnets' was unexpected"),
    ],
)
def test_a_misspelled_field_is_found(
    manifests: dict[str, Manifest], kind: str, place: tuple[str | int, ...], field: str, message: str
) -> None:
    manifest = one_of(kind, manifests)
    part: Any = manifest
    for step in place:
        part = part[step]
    part[field] = "x"
    assert any(message in problem for problem in problems(manifest)), problems(manifest)


def test_a_value_of_the_wrong_type_is_found(manifests: dict[str, Manifest]) -> None:
    manifest = one_of("Deployment", manifests)
    manifest["spec"]["replicas"] = "two"
    assert problems(manifest) == ["spec.replicas: 'two' is not of type 'integer', 'null'"]


def test_an_unknown_kind_is_found() -> None:
    [problem] = problems({"apiVersion": "v1", "kind": "Deploy", "metadata": {"name": "x"}})
    assert "deploy" in problem.lower()
