"""Settings of the stack under test, in the steps of the run."""

from __future__ import annotations

from pathlib import Path

from support.paths import PORT_OFFSET


def settings(**changes: object) -> dict[str, object]:
    """Settings as the run starts: a single writer's catalog, one small worker. A change of None leaves the default."""
    values = {
        "target": "local",
        "catalogType": "hadoop",
        "portOffset": PORT_OFFSET,
        "sparkWorkerMemory": "1536m",
        **changes,
    }
    return {
        f"lakehouse:{key}": str(value) if isinstance(value, Path) else value
        for key, value in values.items()
        if value is not None
    }
