"""Pulumi's command line, with state and passphrase of the test run's own."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.paths import OUT, ROOT, STATE
from support.process import Done, run


@dataclass
class Pulumi:
    """One stack, driven as a user drives it."""

    stack: str
    env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        STATE.mkdir(parents=True, exist_ok=True)
        passphrase = STATE / "passphrase"
        if not passphrase.exists():
            passphrase.touch(mode=0o600)
            passphrase.write_text(secrets.token_hex(32), encoding="ascii")
        self.env = {
            **{key: value for key, value in os.environ.items() if key != "PULUMI_CONFIG_PASSPHRASE"},
            "PULUMI_BACKEND_URL": STATE.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(passphrase),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            **self.env,
        }

    def init(self) -> None:
        """Create the stack unless it is there."""
        if self.stack not in {each["name"] for each in json.loads(self("stack", "ls", "--json", stack=False).stdout)}:
            # Settings of a run that was cut off belong to another passphrase.
            self.settings_file.unlink(missing_ok=True)
            # Not selected: the user's own choice for plain commands stays.
            self("stack", "init", self.stack, "--no-select", stack=False)

    @property
    def settings_file(self) -> Path:
        """The stack's settings, as `pulumi config` keeps them."""
        return ROOT / f"Pulumi.{self.stack}.yaml"

    def configure(self, settings: Mapping[str, object]) -> None:
        """Replace all settings; without a check, so that also wrong ones can be tried."""
        salt = [
            line for line in self.settings_file.read_text("utf-8").splitlines() if line.startswith("encryptionsalt:")
        ]
        # JSON's scalars are YAML's too.
        lines = [f"  {key}: {json.dumps(value)}" for key, value in sorted(settings.items())]
        self.settings_file.write_text("\n".join([*salt, "config:", *lines, ""]), encoding="utf-8")

    def up(self, *options: str, check: bool = True) -> Done:
        """Bring the stack to what its settings say."""
        return self("up", "--yes", "--skip-preview", *options, check=check, timeout=1500)

    def preview(self, *options: str, check: bool = True) -> Done:
        """Show what an update would do."""
        return self("preview", *options, check=check, timeout=300)

    def destroy(self) -> Done:
        """Remove the stack's resources."""
        return self("destroy", "--yes", "--skip-preview", timeout=600)

    def outputs(self, show_secrets: bool = True) -> dict[str, Any]:
        """The stack's outputs."""
        options = ["--show-secrets"] if show_secrets else []
        return json.loads(self("stack", "output", "--json", *options).stdout)

    def export(self, show_secrets: bool = False) -> dict[str, Any]:
        """The stack's state."""
        options = ["--show-secrets"] if show_secrets else []
        return json.loads(self("stack", "export", *options).stdout)

    def __call__(self, *arguments: str, stack: bool = True, check: bool = True, timeout: float = 180) -> Done:
        """Run a command; its output is kept among the artefacts.

        :raises AssertionError: it failed and ``check`` is set
        """
        command = ["pulumi", *arguments, "--non-interactive", "--color", "never"]
        if stack:
            command += ["--stack", self.stack]
        done = run(command, env=self.env, cwd=str(ROOT), timeout=timeout, check=False)
        self._keep(arguments, done)
        if check and done.code != 0:
            raise AssertionError(f"'{' '.join(command)}' ended with {done.code}:\n{done.text[-12_000:]}")
        return done

    @staticmethod
    def _keep(arguments: tuple[str, ...], done: Done) -> None:
        """Keep what an update said; never what was asked for with secrets."""
        if arguments[0] not in ("up", "preview", "destroy"):
            return
        logs = OUT / "pulumi"
        logs.mkdir(parents=True, exist_ok=True)
        number = len(list(logs.iterdir())) + 1
        text = f"pulumi {' '.join(arguments)}\nexit code {done.code} after {done.seconds:.1f} s\n\n{done.text}"
        (logs / f"{number:02}-{arguments[0]}.log").write_text(text, encoding="utf-8")


def summary(preview_json: str) -> dict[str, int]:
    """How many resources a preview with --json would create, update, leave the same and so on."""
    # Warnings may precede it.
    return json.loads(preview_json[preview_json.index("{") :])["changeSummary"]
