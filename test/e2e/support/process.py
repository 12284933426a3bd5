"""Running programs and waiting for conditions."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import httpx

T = TypeVar("T")


@dataclass(frozen=True)
class Done:
    """A program that has ended."""

    code: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def text(self) -> str:
        """All that it printed."""
        return self.stdout + self.stderr


def run(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: str | None = None,
    timeout: float = 120,
    check: bool = True,
    input_text: str = "",
) -> Done:
    """Run a program without a shell.

    :raises AssertionError: it failed and ``check`` is set; with the last lines of its output
    """
    started = time.monotonic()
    ended = subprocess.run(
        list(command),
        env=None if env is None else dict(env),
        cwd=cwd,
        timeout=timeout,
        input=input_text,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    done = Done(ended.returncode, ended.stdout, ended.stderr, time.monotonic() - started)
    if check and done.code != 0:
        raise AssertionError(f"'{' '.join(command)}' ended with {done.code}:\n{tail(done.text, 80)}")
    return done


def tail(text: str, lines: int) -> str:
    """The last lines of a text."""
    return "\n".join(text.rstrip().splitlines()[-lines:])


def wait_until(what: str, condition: Callable[[], T | None], seconds: float, every: float = 0.5) -> T:
    """Ask until the answer is true.

    :param what: completes the sentence "Waited ... seconds for ..."
    :raises AssertionError: it was not in time; with the last answer or error
    """
    deadline = time.monotonic() + seconds
    while True:
        last: object
        try:
            answer = condition()
            if answer:
                return answer
            last = answer
        except (OSError, AssertionError, ValueError, LookupError, httpx.TransportError) as error:
            last = error
        if time.monotonic() > deadline:
            raise AssertionError(f"Waited {seconds:.0f} seconds for {what}; last: {last!r}")
        time.sleep(every)
