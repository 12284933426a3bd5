"""Stands in for the agent of EKS Pod Identity: for a pod's token, keys for S3 that end after an hour.

It listens where the real one does, at 169.254.170.23:80 on the node, and answers as it does. The keys are a session of
MinIO's under the S3 statements of the account's own IAM policy, so that a pod may do in S3 what its role may.

    pod_identity_agent.py ROLES    a JSON file: IAM policy documents by service account

Environment: S3_ENDPOINT, and MinIO's administrator in MINIO_ROOT_USER and MINIO_ROOT_PASSWORD.
https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
"""

from __future__ import annotations

import json
import os
import ssl
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3

ADDRESS = ("169.254.170.23", 80)
AUDIENCE = "pods.eks.amazonaws.com"
# What a pod knows of the API server and itself.
OWN = Path("/var/run/secrets/kubernetes.io/serviceaccount")
REVIEWS = "https://kubernetes.default.svc/apis/authentication.k8s.io/v1/tokenreviews"
SECONDS = 3600
# Requests that name no prefix.
NO_PREFIX = {"s3:GetBucketLocation"}


def account_of(token: str) -> str | None:
    """Ask the API server whose token this is: `NAMESPACE:ACCOUNT`, or None if it is nobody's."""
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview"}
    body = json.dumps({**review, "spec": {"token": token, "audiences": [AUDIENCE]}}).encode()
    headers = {"Authorization": f"Bearer {(OWN / 'token').read_text()}", "Content-Type": "application/json"}
    request = urllib.request.Request(REVIEWS, body, headers)
    trusted = ssl.create_default_context(cafile=OWN / "ca.crt")
    with urllib.request.urlopen(request, timeout=10, context=trusted) as answer:  # noqa: S310
        status = json.load(answer)["status"]
    return status["user"]["username"].removeprefix("system:serviceaccount:") if status.get("authenticated") else None


def s3_part(policy: dict[str, Any]) -> dict[str, Any]:
    """Leave of a policy what MinIO understands.

    That is S3, and no action under a condition that a request for it cannot meet: such a right is none, but MinIO
    refuses it. Names of statements only take room: a session's policy may have 2,048 characters.
    """
    statements = []
    for statement in policy["Statement"]:
        never = NO_PREFIX if "s3:prefix" in json.dumps(statement.get("Condition")) else set()
        actions = [action for action in statement["Action"] if action.startswith("s3:") and action not in never]
        if actions:
            statements.append({**statement, "Action": actions, "Sid": ""})
    return {"Version": policy["Version"], "Statement": statements}


def session(policy: dict[str, Any]) -> dict[str, str]:
    """Make keys that may do what the policy says, in the form in which the agent answers."""
    sts = boto3.client(
        "sts",
        endpoint_url=os.environ["S3_ENDPOINT"],
        region_name="eu-central-1",
        aws_access_key_id=os.environ["MINIO_ROOT_USER"],
        aws_secret_access_key=os.environ["MINIO_ROOT_PASSWORD"],
    )
    made = sts.assume_role(
        # MinIO takes any; the client insists on their form.
        RoleArn="arn:aws:iam::111122223333:role/pod",
        RoleSessionName="pod",
        Policy=json.dumps(s3_part(policy), separators=(",", ":")),
        DurationSeconds=SECONDS,
    )["Credentials"]
    return {
        "AccessKeyId": made["AccessKeyId"],
        "SecretAccessKey": made["SecretAccessKey"],
        "Token": made["SessionToken"],
        "Expiration": made["Expiration"].strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


class Agent(BaseHTTPRequestHandler):
    """Answers pods."""

    roles: dict[str, dict[str, Any]]

    def do_GET(self) -> None:
        """Hand out keys."""
        account = account_of(self.headers.get("Authorization", ""))
        if account is None:
            self.send_error(401, "this token is nobody's")
            return
        namespace, _, name = account.partition(":")
        if namespace != "lakehouse" or name not in self.roles or self.path != "/v1/credentials":
            self.send_error(403, f"no role is bound to {account}")
            return
        body = json.dumps(session(self.roles[name])).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    Agent.roles = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    ThreadingHTTPServer(ADDRESS, Agent).serve_forever()
