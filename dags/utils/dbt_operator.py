"""Runs dbt in the dbt service over SSH and returns the report that the project prints."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import paramiko
from airflow.providers.ssh.hooks.ssh import SSHHook
from airflow.providers.ssh.operators.ssh import SSHOperator

from utils.dbt_report import parse_report, require_report


class DbtOperator(SSHOperator):
    """Run one dbt command in the dbt service.

    The service sets the environment on its side, so that no secret stands in the command, in XCom or in the log. Its
    host key must be in the file ``known_hosts`` beside the connection's private key. Killing the task closes the
    connection, upon which the service ends dbt.

    :param command: a dbt command line; the service refuses anything else
    """

    def __init__(self, *, command: str, **kwargs: Any) -> None:
        super().__init__(command=command, ssh_conn_id="dbt", **kwargs)

    @cached_property
    def ssh_hook(self) -> SSHHook:
        """Connect with the host key that the platform made."""
        hook = SSHHook(ssh_conn_id=self.ssh_conn_id)
        if hook.host_key is None and hook.key_file:
            hook.host_key = read_host_key(Path(hook.key_file).with_name("known_hosts"), hook.remote_host, hook.port)
        return hook

    def execute(self, context: Any = None) -> dict[str, Any]:
        """Run the command, log what it prints as it comes, and return its report."""
        self.log.info("Running on %s: %s", self.ssh_hook.remote_host, self.command)
        report = None
        with self.get_ssh_client() as client:
            channel = client.get_transport().open_session()
            channel.set_combine_stderr(True)
            channel.exec_command(self.command)
            with channel.makefile("rb") as output:
                for raw in output:
                    line = raw.decode("utf-8", errors="replace").rstrip()
                    report = parse_report(line) or report
                    self.log.info("%s", line)
            status = channel.recv_exit_status()
        if status != 0:
            raise RuntimeError(f"'{self.command}' ended with exit code {status}; its last lines above say why.")
        return require_report(report, self.command)


def read_host_key(path: Path, host: str, port: int) -> paramiko.PKey:
    """Read a server's public key from a known_hosts file.

    :raises RuntimeError: the file does not know the server; connecting without its key would trust anyone
    """
    name = host if port == 22 else f"[{host}]:{port}"
    if not path.is_file():
        raise RuntimeError(f"{path} does not exist: the keys of this stack were not made.")
    keys = paramiko.HostKeys(str(path)).lookup(name)
    if not keys:
        raise RuntimeError(f"{path} has no key for {name}.")
    return next(iter(keys.values()))
