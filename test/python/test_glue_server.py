"""The local Glue API as AWS's own client sees it: the program that the image runs, in a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from project import ROOT

PROGRAM = ROOT / "images" / "scripts" / "glue-server"


class Server:
    """A server and how to reach it."""

    def __init__(self, process, port):
        self.process = process
        self.port = port

    def client(self, service="glue", access_key="platform"):
        """AWS's client, which is not to try again what was refused."""
        return boto3.client(
            service,
            endpoint_url=f"http://127.0.0.1:{self.port}",
            region_name="us-east-1",
            aws_access_key_id=access_key,
            aws_secret_access_key="unchecked",  # noqa: S106 - of nobody
            config=Config(retries={"total_max_attempts": 1}),
        )


def start(state, **further):
    """Start the program; it prints a line once it listens, or why it does not.

    :param further: what its environment has beside or instead of the platform's key
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME")},
        "AWS_ACCESS_KEY_ID": "platform",
        "AWS_REGION": "us-east-1",
        "GLUE_PORT": str(port),
        "GLUE_STATE": str(state),
        **further,
    }
    process = subprocess.Popen(
        [sys.executable, PROGRAM], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    return Server(process, port)


@contextmanager
def serving(state, **further):
    """Run a server for a while."""
    server = start(state, **further)
    try:
        assert "listening" in server.process.stdout.readline(), server.process.stderr.read()
        yield server
    finally:
        server.process.send_signal(signal.SIGTERM)
        server.process.communicate(timeout=30)
    assert server.process.returncode == 0


@pytest.fixture
def state(tmp_path):
    """Name the file that holds the catalog."""
    return tmp_path / "catalog.json"


def table_input(location):
    """Build what Iceberg writes to Glue."""
    return {"Name": "customers", "TableType": "EXTERNAL_TABLE", "Parameters": {"metadata_location": location}}


def make_table(glue):
    """Make a database with one table, which is its version 1."""
    glue.create_database(DatabaseInput={"Name": "raw", "LocationUri": "s3://lake/raw.db"})
    glue.create_table(DatabaseName="raw", TableInput=table_input("1.json"))


def location(glue):
    """Return where the table's metadata is, and the table's version."""
    table = glue.get_table(DatabaseName="raw", Name="customers")["Table"]
    return table["Parameters"]["metadata_location"], table["VersionId"]


def error_of(call, **arguments):
    """Return Glue's name for what is wrong."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]


def test_update_of_an_older_version_is_refused(state):
    with serving(state) as server:
        glue = server.client()
        make_table(glue)
        glue.update_table(DatabaseName="raw", TableInput=table_input("2.json"), VersionId="1", SkipArchive=True)
        late = {"DatabaseName": "raw", "TableInput": table_input("2-late.json"), "VersionId": "1"}
        assert error_of(glue.update_table, **late) == "ConcurrentModificationException"
        assert location(glue) == ("2.json", "2")


def test_of_concurrent_updates_of_one_version_one_wins(state):
    with serving(state) as server:
        make_table(server.client())

        def update(number):
            try:
                server.client().update_table(
                    DatabaseName="raw", TableInput=table_input(f"{number}.json"), VersionId="1", SkipArchive=True
                )
            except ClientError as error:
                return error.response["Error"]["Code"]
            return f"{number}.json"

        with ThreadPoolExecutor(8) as pool:
            outcomes = list(pool.map(update, range(8)))
        winners = [outcome for outcome in outcomes if outcome.endswith(".json")]
        assert len(winners) == 1
        assert sorted(set(outcomes)) == sorted([*winners, "ConcurrentModificationException"])
        assert location(server.client()) == (winners[0], "2")


def test_catalog_survives_a_restart(state):
    with serving(state) as server:
        glue = server.client()
        make_table(glue)
        glue.update_table(DatabaseName="raw", TableInput=table_input("2.json"), VersionId="1")
        glue.create_database(DatabaseInput={"Name": "gone"})
        glue.delete_database(Name="gone")
        before = glue.get_table(DatabaseName="raw", Name="customers")["Table"]
    with serving(state) as server:
        glue = server.client()
        assert glue.get_table(DatabaseName="raw", Name="customers")["Table"] == before
        assert [database["Name"] for database in glue.get_databases()["DatabaseList"]] == ["raw"]
        assert glue.get_database(Name="raw")["Database"]["LocationUri"] == "s3://lake/raw.db"
        # Versions go on where they were.
        glue.update_table(DatabaseName="raw", TableInput=table_input("3.json"), VersionId="2")
        assert location(glue) == ("3.json", "3")


def test_only_the_current_version_is_kept(state):
    with serving(state) as server:
        glue = server.client()
        make_table(glue)
        for version in range(1, 20):
            glue.update_table(DatabaseName="raw", TableInput=table_input(f"{version}.json"), VersionId=str(version))
        assert len(glue.get_table_versions(DatabaseName="raw", TableName="customers")["TableVersions"]) == 1


@pytest.mark.parametrize("text", ["", "{", '{"databases": {"raw": {}}}'])
def test_broken_file_is_no_empty_catalog(state, text):
    state.write_text(text)
    server = start(state)
    out, error = server.process.communicate(timeout=60)
    assert server.process.returncode == 1
    assert f"{state} is not a catalog" in error
    assert out == ""
    assert state.read_text() == text


def test_others_than_the_platform_are_refused(state):
    with serving(state) as server:
        glue = server.client(access_key="somebody")
        assert error_of(glue.get_databases) == "UnrecognizedClientException"


@pytest.mark.parametrize(("value", "outcome"), [("true", []), ("false", "UnrecognizedClientException")])
def test_any_key_is_let_in_only_where_that_is_said(state, value, outcome):
    with serving(state, GLUE_ANY_KEY=value) as server:
        glue = server.client(access_key="somebody")
        assert (error_of(glue.get_databases) if outcome else glue.get_databases()["DatabaseList"]) == outcome


def test_other_services_are_refused(state):
    with serving(state) as server:
        assert error_of(server.client("secretsmanager").list_secrets) == "UnknownOperationException"


def test_failed_request_writes_nothing(state):
    with serving(state) as server:
        glue = server.client()
        make_table(glue)
        before = json.loads(state.read_text())
        assert error_of(glue.delete_table, DatabaseName="raw", Name="none") == "EntityNotFoundException"
        assert json.loads(state.read_text()) == before
