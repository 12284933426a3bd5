"""The container engine as its own command line shows it."""

from __future__ import annotations

import json
from typing import Any

from support.paths import LABEL, PREFIX
from support.process import run, wait_until

Inspect = dict[str, Any]

_CRASH = (
    "for stat in /proc/[0-9]*/stat; do read -r pid _ _ parent _ <$stat && [ $parent = 1 ] && kill -9 $pid; done; true"
)


def docker(*arguments: str, check: bool = True, timeout: float = 120) -> str:
    """Run a docker command and return what it printed on standard output."""
    return run(["docker", *arguments], check=check, timeout=timeout).stdout


def containers(label: str = LABEL) -> dict[str, Inspect]:
    """What `docker inspect` tells of all containers with a label, by their service."""
    ids = docker("ps", "--all", "--quiet", "--filter", f"label={label}").split()
    found = json.loads(docker("inspect", *ids)) if ids else []
    return {each["Config"]["Labels"].get("lakehouse.service", each["Name"]): each for each in found}


def inspect(service: str) -> Inspect:
    """What `docker inspect` tells of one of the stack's containers."""
    return json.loads(docker("inspect", name(service)))[0]


def environment(service: str) -> dict[str, str]:
    """The environment that one of the stack's containers was given."""
    return dict(entry.split("=", 1) for entry in inspect(service)["Config"]["Env"])


def name(service: str) -> str:
    """Name of one of the stack's containers."""
    return f"{PREFIX}-{service}"


def leftovers(label: str) -> dict[str, list[str]]:
    """Names of everything that carries a label, by kind."""
    return {
        "containers": docker("ps", "--all", "--filter", f"label={label}", "--format", "{{.Names}}").split(),
        "networks": docker("network", "ls", "--filter", f"label={label}", "--format", "{{.Name}}").split(),
        "volumes": docker("volume", "ls", "--filter", f"label={label}", "--format", "{{.Name}}").split(),
    }


def named_like_the_stack() -> list[str]:
    """Names of everything that is called after the stack, labelled or not."""
    names = [
        *docker("ps", "--all", "--format", "{{.Names}}").split(),
        *docker("network", "ls", "--format", "{{.Name}}").split(),
        *docker("volume", "ls", "--format", "{{.Name}}").split(),
    ]
    # The stack of refused settings begins alike.
    return sorted(n for n in names if (n == PREFIX or n.startswith(f"{PREFIX}-")) and not n.startswith(f"{PREFIX}-bad"))


def logs(service: str, tail: int | None = None) -> str:
    """What a container has printed."""
    return run(["docker", "logs", *(["--tail", str(tail)] if tail else []), name(service)], check=False).text


def execute(service: str, *command: str, check: bool = True) -> str:
    """Run a command in one of the stack's containers."""
    return docker("exec", name(service), *command, check=check)


def crash(service: str) -> None:
    """Kill what runs in a container; after `docker kill`, which counts as a wish, the engine restarts nothing."""
    execute(service, "sh", "-c", _CRASH, check=False)


def restarts(service: str) -> int:
    """How often the engine has restarted a container."""
    return inspect(service)["RestartCount"]


def health(service: str) -> str:
    """`healthy` once a container's check has passed."""
    state = inspect(service)["State"]
    return state["Health"]["Status"] if state["Status"] == "running" else state["Status"]


def wait_healthy(services: set[str], seconds: float) -> None:
    """Wait until the health checks of these services pass."""
    wait_until(
        f"the health of {', '.join(sorted(services))}",
        lambda: all(health(service) == "healthy" for service in services),
        seconds,
    )


def image_of(service: str) -> str:
    """Id of the image that a container was made from."""
    return inspect(service)["Image"]


def run_once(
    image: str, *command: str, env: dict[str, str] | None = None, options: tuple[str, ...] = (), timeout: float = 120
) -> tuple[int, str]:
    """Run a container of the stack's own kind to its end, on its network; exit code and output.

    The command replaces the image's own start-up.
    """
    arguments = ["run", "--rm", "--label", LABEL, "--cap-drop", "ALL", *options]
    for key, value in (env or {}).items():
        arguments += ["--env", f"{key}={value}"]
    program, *rest = command
    done = run(
        ["docker", *arguments, "--entrypoint", program, image, *rest],
        check=False,
        timeout=timeout,
    )
    return done.code, done.text
