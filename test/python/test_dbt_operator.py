"""The operator against an SSH server of our own."""

import json
import threading
import time

import paramiko
import pytest

from ssh_server import Server
from utils.dbt_operator import DbtOperator, read_host_key
from utils.dbt_report import parse_report

REPORT = {"rows_written": 3, "rows_rejected": {"malformed_row": 1}}


def answer(*chunks, status=0):
    def send(channel):
        for chunk in chunks:
            channel.sendall(chunk)
            time.sleep(0.01)
        channel.sendall_stderr(b"a line on stderr\n")
        channel.send_exit_status(status)
        channel.close()

    return send


@pytest.fixture
def serve(tmp_path, monkeypatch):
    """Return a function that starts a server and gives it with the operator that connects to it."""
    servers = []

    def start(send, known=None):
        server = Server(send)
        servers.append(server)
        paramiko.ECDSAKey.generate().write_private_key_file(str(tmp_path / "id"))
        key = known or server.key
        (tmp_path / "known_hosts").write_text(f"[127.0.0.1]:{server.port} {key.get_name()} {key.get_base64()}\n")
        connection = {
            "conn_type": "ssh",
            "host": "127.0.0.1",
            "port": server.port,
            "login": "lakehouse",
            "extra": {"key_file": str(tmp_path / "id"), "no_host_key_check": False},
        }
        monkeypatch.setenv("AIRFLOW_CONN_DBT", json.dumps(connection))
        return server, DbtOperator(task_id="build", command="dbt build --no-use-colors")

    yield start
    for server in servers:
        server.close()


def test_runs_the_command_and_returns_the_report(serve, capsys):
    # Cut in the middle of a line and of a letter.
    text = f"08:00:00  Zoë\nLAKEHOUSE_REPORT {json.dumps(REPORT)}\nDone.\n".encode()
    server, operator = serve(answer(text[:13], text[13:40], text[40:]))
    assert operator.execute({}) == REPORT
    assert server.session.command == "dbt build --no-use-colors"
    assert server.session.environment == {}
    log = capsys.readouterr().out
    assert "] 08:00:00  Zoë " in log
    assert "] a line on stderr " in log


def test_a_failed_command_fails_the_task(serve):
    _, operator = serve(answer(b"1 of 3 ERROR\n", status=2))
    with pytest.raises(RuntimeError, match=r"^'dbt build --no-use-colors' ended with exit code 2; "):
        operator.execute({})


def test_no_report_fails_the_task(serve):
    _, operator = serve(answer(b"Done.\n"))
    with pytest.raises(RuntimeError, match="printed no report"):
        operator.execute({})


def test_another_host_key_is_refused(serve):
    server, operator = serve(answer(), known=paramiko.ECDSAKey.generate())
    operator.ssh_hook.conn_retry_attempts = 1
    with pytest.raises(paramiko.BadHostKeyException):
        operator.execute({})
    assert server.session.command is None


def test_killing_the_task_closes_the_connection(serve):
    gone = threading.Event()

    def wait(channel):
        while channel.transport.is_active():
            time.sleep(0.01)
        gone.set()

    server, operator = serve(wait)
    errors = []

    def run():
        try:
            operator.execute({})
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    assert server.session.asked.wait(20)
    operator.on_kill()
    thread.join(timeout=20)
    assert errors
    assert gone.wait(20)


def test_host_key_of_an_unknown_server(tmp_path):
    with pytest.raises(RuntimeError, match="known_hosts does not exist: the keys of this stack were not made"):
        read_host_key(tmp_path / "known_hosts", "dbt", 2222)
    (tmp_path / "known_hosts").write_text("")
    with pytest.raises(RuntimeError, match=r"known_hosts has no key for \[dbt\]:2222"):
        read_host_key(tmp_path / "known_hosts", "dbt", 2222)


@pytest.mark.parametrize(
    ("line", "report"),
    [
        ("Done.", None),
        ('LAKEHOUSE_REPORT {"a": 1}', {"a": 1}),
        ('08:00:00  LAKEHOUSE_REPORT {"a": 1}', {"a": 1}),
    ],
)
def test_parse_report(line, report):
    assert parse_report(line) == report


@pytest.mark.parametrize("line", ["LAKEHOUSE_REPORT {", "LAKEHOUSE_REPORT []"])
def test_broken_report(line):
    with pytest.raises(RuntimeError, match=r"^dbt's report is not (JSON: |a JSON object\.)"):
        parse_report(line)
