"""The program's objects as files hold them, and what a test must change of them. Pure."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml

Manifest = dict[str, Any]

NAMESPACE = "lakehouse"
"""The platform's namespace, as the program names it."""

# What the program cannot know of a pod: Spark and Airflow add the image to a template. The test's own stands for it.
NODE_IMAGE = "lakehouse/node:1"


def configurations(directory: Path) -> list[str]:
    """Name the configurations of the program whose objects were written, a directory each."""
    return sorted(file.name for file in directory.glob("*") if any(file.glob("*.yaml")))


def read(directory: Path) -> list[Manifest]:
    """Read the objects of a configuration, in the order in which they need each other."""
    return [yaml.safe_load(file.read_text("utf-8")) for file in sorted(directory.glob("*.yaml"))]


def complete(manifest: Manifest) -> Manifest:
    """Give the containers of a pod's template an image; anything else stays as it is."""
    if manifest["kind"] != "Pod":
        return manifest
    result = copy.deepcopy(manifest)
    for container in result["spec"]["containers"]:
        container.setdefault("image", NODE_IMAGE)
    return result


def relocate(manifest: Manifest, namespace: str) -> Manifest:
    """Move an object, and the accounts that a binding names, from the platform's namespace to another one."""
    result = copy.deepcopy(manifest)
    metadata = result["metadata"]
    if result["kind"] == "Namespace" and metadata["name"] == NAMESPACE:
        metadata["name"] = namespace
    if metadata.get("namespace") == NAMESPACE:
        metadata["namespace"] = namespace
    for subject in result.get("subjects", []):
        if subject.get("namespace") == NAMESPACE:
            subject["namespace"] = namespace
    return result


def over_http(manifest: Manifest) -> Manifest:
    """The stand-ins have no certificates that a client would believe: only the scheme differs from the program's."""
    result = copy.deepcopy(manifest)
    if result["kind"] == "ConfigMap":
        for key, value in result["data"].items():
            for service in ("s3", "glue"):
                value = value.replace(f"https://{service}.", f"http://{service}.")
            result["data"][key] = value
    return result


def kind_of(manifest: Manifest) -> tuple[str, str]:
    """Tell an object's API version and kind."""
    return manifest["apiVersion"], manifest["kind"]


def is_cluster_wide(manifest: Manifest) -> bool:
    """Tell whether an object is of the whole cluster; a namespace is not, as it is the test's own."""
    return manifest["kind"] != "Namespace" and "namespace" not in manifest["metadata"]


def text(manifests: list[Manifest]) -> str:
    """Write objects as one file."""
    return yaml.safe_dump_all(manifests, sort_keys=False)


def definition(api_version: str, kind: str, schema: Manifest) -> Manifest:
    """Make a definition of a custom resource of the whole cluster out of the JSON schema of the resource."""
    group, version = api_version.split("/")
    plural = f"{kind.lower()}{'es' if kind.endswith('s') else 's'}"
    spec = {"type": "object", "required": ["spec"], "properties": {"spec": _structural(schema["properties"]["spec"])}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": "Cluster",
            "names": {"kind": kind, "plural": plural, "singular": kind.lower()},
            "versions": [{"name": version, "served": True, "storage": True, "schema": {"openAPIV3Schema": spec}}],
        },
    }


def _structural(schema: Any) -> Any:
    """Say the same in the part of JSON schema that a definition may use; it refuses unknown fields anyway.

    https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
    """
    result = {key: value for key, value in schema.items() if not (key == "additionalProperties" and value is False)}
    if "enum" in result:
        result.setdefault("type", "string")
    for key in ("items", "additionalProperties"):
        if key in result:
            result[key] = _structural(result[key])
    if "properties" in result:
        result["properties"] = {name: _structural(each) for name, each in result["properties"].items()}
    return result
