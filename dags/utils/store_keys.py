"""The keys to the object store for libraries that cannot find them themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from utils.config_manager import ConfigError

# Where a pod asks for the keys of its identity (https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html).
CONTAINER_CREDENTIALS = "AWS_CONTAINER_CREDENTIALS_FULL_URI"


@dataclass(frozen=True)
class StoreKeys:
    """Keys to the object store.

    :param token: goes with keys that expire
    """

    access_key: str
    secret_key: str
    token: str | None = None

    def __repr__(self) -> str:
        """Hide the values from logs."""
        return "StoreKeys(...)"


def find_keys(environment: Mapping[str, str]) -> StoreKeys:
    """Take the keys from the environment, or from the identity of this pod.

    Those of an identity hold for some hours (6 with EKS Pod Identity): enough for a task, not for a service.

    :param environment: usually ``os.environ``
    :raises ConfigError: there are none
    """
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    if all(environment.get(name) for name in names):
        return StoreKeys(*(environment[name] for name in names), environment.get("AWS_SESSION_TOKEN") or None)
    if environment.get(CONTAINER_CREDENTIALS):
        return _of_container()
    missing = " and ".join(name for name in names if not environment.get(name))
    raise ConfigError(
        f"{missing} must be set where a pod has no identity, which {CONTAINER_CREDENTIALS} would say: the object store"
        " is reached with them."
    )


def _of_container() -> StoreKeys:
    from botocore.exceptions import BotoCoreError
    from botocore.session import get_session

    try:
        credentials = get_session().get_credentials()
        keys = credentials and credentials.get_frozen_credentials()
    except BotoCoreError as error:
        raise ConfigError(f"This pod's identity gives no keys to the object store: {error}") from None
    if not keys:
        raise ConfigError("This pod's identity gives no keys to the object store.")
    return StoreKeys(keys.access_key, keys.secret_key, keys.token)
