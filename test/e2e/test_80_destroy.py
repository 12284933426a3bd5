"""In the end nothing is left, when the settings say that the data may go too."""

from __future__ import annotations

import pytest

from support import docker
from support.pulumi import Pulumi


@pytest.mark.gate
def test_destroy_leaves_nothing(pulumi: Pulumi) -> None:
    pulumi("config", "set", "lakehouse:keepData", "false")
    # Whether a volume is kept is part of the state, so the state has to hear of it.
    pulumi.up()
    pulumi.destroy()
    assert docker.leftovers(docker.LABEL) == {"containers": [], "networks": [], "volumes": []}
    assert docker.named_like_the_stack() == []


def test_second_destroy_has_nothing_to_do(pulumi: Pulumi) -> None:
    pulumi.destroy()
    assert pulumi.export()["deployment"].get("resources", []) == []
