"""The commands behind `make`, with the run's own state: `make` itself would prepare the user's."""

from __future__ import annotations

from support.paths import OUT, ROOT
from support.process import Done, run
from support.pulumi import Pulumi


def make(pulumi: Pulumi, command: str, *, check: bool = True, **variables: str) -> Done:
    """Run what `make COMMAND NAME=value ...` runs; what it prints is kept among the artefacts.

    :raises AssertionError: it failed and ``check`` is set
    """
    done = run(
        ["node", "--import", "tsx", "tools/cli/main.ts", command],
        env={**pulumi.env, "STACK": pulumi.stack, **variables},
        cwd=str(ROOT),
        timeout=1500,
        check=False,
    )
    logs = OUT / "make"
    logs.mkdir(parents=True, exist_ok=True)
    number = len(list(logs.iterdir())) + 1
    (logs / f"{number:02}-{command}.log").write_text(done.text, encoding="utf-8")
    if check:
        assert done.code == 0, f"'make {command}' ended with {done.code}:\n{done.text[-12_000:]}"
    return done
