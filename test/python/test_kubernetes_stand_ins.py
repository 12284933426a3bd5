"""What stands in for AWS in the tests on a real Kubernetes, as far as it works without one."""

from __future__ import annotations

import importlib.util

import pytest

from project import ROOT


def load(path):
    """Load a module of those tests, whose directories are on no path here."""
    spec = importlib.util.spec_from_file_location(path.rpartition("/")[2], ROOT / "test/kubernetes" / f"{path}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


manifests = load("support/manifests")
agent = load("stand-ins/pod_identity_agent")


def test_only_the_scheme_of_what_has_a_stand_in_changes():
    data = {"env": "https://s3.eu-central-1.amazonaws.com https://glue.eu.amazonaws.com k8s://https://kubernetes:443"}
    manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "env"}, "data": data}
    assert manifests.over_http(manifest)["data"] == {
        "env": "http://s3.eu-central-1.amazonaws.com http://glue.eu.amazonaws.com k8s://https://kubernetes:443"
    }
    assert data["env"].startswith("https://s3.")


@pytest.mark.parametrize("kind", ["Secret", "Service"])
def test_other_objects_stay(kind):
    manifest = {"apiVersion": "v1", "kind": kind, "metadata": {"name": "x"}, "spec": "https://s3.eu.amazonaws.com"}
    assert manifests.over_http(manifest) == manifest


def test_keys_may_what_the_policy_says_of_s3_and_nothing_else():
    condition = {"StringLike": {"s3:prefix": ["warehouse/*"]}}
    every = {"Effect": "Allow", "Resource": ["arn:aws:s3:::lake"]}
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {**every, "Sid": "Objects", "Action": ["s3:GetObject", "s3:PutObject"]},
            {**every, "Sid": "List", "Action": ["s3:GetBucketLocation", "s3:ListBucket"], "Condition": condition},
            {**every, "Sid": "Location", "Action": ["s3:GetBucketLocation"]},
            {**every, "Sid": "Mixed", "Action": ["glue:GetTable", "s3:DeleteObject"]},
            {**every, "Sid": "Key", "Action": ["kms:Decrypt"]},
            {**every, "Sid": "Never", "Effect": "Deny", "Action": ["s3:DeleteBucket"]},
        ],
    }
    assert agent.s3_part(policy) == {
        "Version": "2012-10-17",
        "Statement": [
            {**every, "Sid": "", "Action": ["s3:GetObject", "s3:PutObject"]},
            {**every, "Sid": "", "Action": ["s3:ListBucket"], "Condition": condition},
            {**every, "Sid": "", "Action": ["s3:GetBucketLocation"]},
            {**every, "Sid": "", "Action": ["s3:DeleteObject"]},
            {**every, "Sid": "", "Effect": "Deny", "Action": ["s3:DeleteBucket"]},
        ],
    }
