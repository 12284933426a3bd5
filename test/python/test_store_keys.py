"""Keys from the environment, and from an agent of ours that gives a pod its identity's."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from utils import duck_db, tables
from utils.config_manager import ConfigError, load_settings
from utils.store_keys import StoreKeys, find_keys

KEYS = {
    "AccessKeyId": "pod's",
    "SecretAccessKey": "hidden",
    "Token": "tok",
    "Expiration": "2099-01-01T00:00:00Z",
}
TOKEN = "Bearer-of-the-pod"  # noqa: S105


@pytest.fixture
def agent(tmp_path, monkeypatch):
    """Serve an identity's keys as EKS Pod Identity's agent does; return the pod's environment."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            known = self.headers["Authorization"] == TOKEN
            self.send_response(200 if known else 401)
            self.end_headers()
            keys = {
                "AccessKeyId": "pod's",
                "SecretAccessKey": "hidden",
                "Token": "tok",
                "Expiration": "2099-01-01T00:00:00Z",
            }
            self.wfile.write(json.dumps(keys if known else {}).encode())

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    (tmp_path / "token").write_text(TOKEN)
    environment = {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{server.server_port}/v1/credentials",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(tmp_path / "token"),
        # Of the machine that runs the tests.
        "AWS_CONFIG_FILE": "/nonexistent",
        "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
    }
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    yield environment
    server.shutdown()
    server.server_close()


def test_the_environments_keys_come_first(agent):
    keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    assert find_keys({**agent, **keys}) == StoreKeys("a", "b")
    assert find_keys({**keys, "AWS_SESSION_TOKEN": "c"}) == StoreKeys("a", "b", "c")


def test_a_pods_identity_has_keys(agent):
    assert find_keys(agent) == StoreKeys("pod's", "hidden", "tok")
    assert "hidden" not in repr(find_keys(agent))


def test_an_identity_without_rights_says_so(agent, tmp_path):
    (tmp_path / "token").write_text("another's")
    with pytest.raises(ConfigError, match=r"^This pod's identity gives no keys to the object store"):
        find_keys(agent)


def test_no_keys_at_all_says_which_are_missing():
    with pytest.raises(ConfigError, match=r"^AWS_SECRET_ACCESS_KEY must be set where a pod has no identity"):
        find_keys({"AWS_ACCESS_KEY_ID": "a"})


def test_duckdb_takes_a_pods_identity(agent, environment, tmp_path):
    environment["LAKEHOUSE_LAKE_URI"] = "s3a://lakehouse"
    environment["LAKEHOUSE_S3_ENDPOINT"] = "https://s3.eu-central-1.amazonaws.com"
    environment["LAKEHOUSE_S3_PATH_STYLE"] = "false"
    with duck_db.connect(load_settings(environment), {**environment, **agent}, str(tmp_path)) as duck:
        (secret,) = duck.execute("SELECT secret_string FROM duckdb_secrets()").fetchone()
    assert "key_id=pod's" in secret
    assert "url_style=vhost" in secret
    assert "use_ssl=true" in secret


def test_pyiceberg_takes_a_pods_identity(agent, environment, tmp_path, monkeypatch):
    from pyiceberg.catalog.sql import SqlCatalog
    from pyiceberg.schema import Schema
    from pyiceberg.utils.config import Config

    uri, warehouse = f"sqlite:///{tmp_path}/catalog.db", f"file://{tmp_path}/warehouse"
    catalog = SqlCatalog("lakehouse", uri=uri, warehouse=warehouse)
    catalog.create_namespace("raw")
    catalog.create_table("raw.customers", Schema())
    for name, value in {"TYPE": "sql", "URI": uri, "WAREHOUSE": warehouse}.items():
        monkeypatch.setenv(f"PYICEBERG_CATALOG__LAKEHOUSE__{name}", value)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    # It read the environment when it was imported.
    monkeypatch.setattr("pyiceberg.catalog._ENV_CONFIG", Config())
    found = tables.open_table("raw.customers").io.properties
    assert (found["s3.access-key-id"], found["s3.secret-access-key"], found["s3.session-token"]) == (
        "pod's",
        "hidden",
        "tok",
    )
    monkeypatch.delenv("AWS_CONTAINER_CREDENTIALS_FULL_URI")
    assert "s3.access-key-id" not in tables.open_table("raw.customers").io.properties
