"""Collects every secret of the stack, to look for them where they must not be."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from support import docker
from support.pulumi import Pulumi


def generated(pulumi: Pulumi) -> dict[str, str]:
    """The passwords and keys that Pulumi made, by the logical name of their resource."""
    found = {}
    for resource in pulumi.export(show_secrets=True)["deployment"]["resources"]:
        if resource["type"].startswith("random:"):
            value = resource["outputs"]["result"]
            # A secret in an exported state is wrapped, its text being JSON.
            found[resource["urn"].rsplit("::", 1)[1]] = (
                json.loads(value["plaintext"]) if isinstance(value, dict) else value
            )
    return found


def made_inside() -> dict[str, str]:
    """The keys that the stack's own steps made on its volumes; of a private key, one line of its body."""
    image = docker.image_of("dbt")
    mounts = (
        "--volume",
        f"{docker.name('airflow-keys')}:/client:ro",
        "--volume",
        f"{docker.name('dbt-keys')}:/host:ro",
    )
    files = {"ssh-client-key": "/client/id_ed25519", "ssh-host-key": "/host/ssh_host_ed25519_key"}
    found = {}
    for name, file in files.items():
        lines = _read(image, file, mounts).splitlines()
        # The first lines of all such keys are alike.
        found[name] = max(lines[3:-1], key=len)
    found["fernet-key"] = _read(image, "/client/fernet.key", mounts).strip()
    return found


def _read(image: str, file: str, mounts: tuple[str, ...]) -> str:
    code, text = docker.run_once(image, "cat", file, options=mounts)
    assert code == 0, text
    return text


def found_in(secrets: Mapping[str, str], texts: Mapping[str, str]) -> list[str]:
    """Where secrets stand in the clear, as "secret in place"; never the secret itself."""
    patterns = {name: re.compile(re.escape(value)) for name, value in secrets.items()}
    return [
        f"{name} in {place}" for place, text in texts.items() for name, each in patterns.items() if each.search(text)
    ]
