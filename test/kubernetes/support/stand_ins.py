"""S3, Glue and Pod Identity for the pods of a node without AWS: started here, and filled as the program fills AWS."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from support.cluster import Cluster
from support.forward import forwarded

DIRECTORY = Path(__file__).resolve().parents[1] / "stand-ins"
NAMESPACE = "aws"
REGION = "eu-central-1"
# Both change pods that are created, each for the reason that it states.
POLICIES = ("pod-identity", "small-pods")
PODS = ("s3", "glue", "pod-identity-agent")


@dataclass(frozen=True)
class StandIns:
    """The stand-ins, as this machine reaches them: with the keys of their administrator.

    :param s3: address of S3
    :param glue: address of Glue
    """

    s3: str
    glue: str
    access_key: str
    secret_key: str

    def client(self, service: str) -> Any:
        """Make AWS's client of `s3` or `glue`."""
        return boto3.client(
            service,
            endpoint_url=getattr(self, service),
            region_name=REGION,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
        )


@contextmanager
def stand_ins(cluster: Cluster, facts: dict[str, Any]) -> Iterator[StandIns]:
    """Start them, make buckets and databases as the program does on AWS, and remove all of it again."""
    files = [DIRECTORY / "aws.yaml", *(DIRECTORY / f"{policy}.yaml" for policy in POLICIES)]
    access_key, secret_key = "administrator", secrets.token_urlsafe(24)
    try:
        cluster.run("create", "namespace", NAMESPACE)
        assert cluster.apply(_objects(facts, access_key, secret_key)).returncode == 0
        cluster.run("wait", "--for=create", "serviceaccount/default", f"--namespace={NAMESPACE}", "--timeout=60s")
        cluster.run("apply", "--server-side", "--force-conflicts", *(f"--filename={file}" for file in files))
        pods = [f"pod/{name}" for name in PODS]
        cluster.run("wait", "--for=condition=Ready", *pods, f"--namespace={NAMESPACE}", "--timeout=120s")
        with ExitStack() as stack:
            s3, glue = (
                stack.enter_context(forwarded(cluster, NAMESPACE, f"pod/{name}", port))
                for name, port in (("s3", 9000), ("glue", 5000))
            )
            made = StandIns(s3, glue, access_key, secret_key)
            _fill(made, facts)
            yield made
    finally:
        cluster.run("delete", "--ignore-not-found", "--timeout=180s", *(f"--filename={file}" for file in files))


def _objects(facts: dict[str, Any], access_key: str, secret_key: str) -> list[dict[str, Any]]:
    """What the stand-ins are told: the administrator's keys, the agent's program, and the roles of the accounts."""
    keys = {"MINIO_ROOT_USER": access_key, "MINIO_ROOT_PASSWORD": secret_key}
    agent = DIRECTORY / "pod_identity_agent.py"
    files = {agent.name: agent.read_text("utf-8"), "roles.json": json.dumps(facts["roles"])}
    return [
        {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": NAMESPACE}, part: data}
        for kind, name, part, data in (
            ("Secret", "s3-root", "stringData", keys),
            ("ConfigMap", "pod-identity-agent", "data", files),
        )
    ]


def _fill(made: StandIns, facts: dict[str, Any]) -> None:
    s3, glue = made.client("s3"), made.client("glue")
    for bucket in facts["buckets"]:
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    for each in facts["objects"]:
        s3.put_object(Bucket=each["bucket"], Key=each["key"], Body=each["content"].encode())
    for name, location in facts["databases"].items():
        glue.create_database(DatabaseInput={"Name": name, "LocationUri": location})
