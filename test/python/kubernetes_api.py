"""An API server of Kubernetes that knows pods, and lets each run as a script of ours says."""

import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class KubernetesApi:
    """Serve pods on a port of the machine's choice; ``url`` is where.

    :param log: what a pod prints, without the time of each line
    :param exit_code: with which a pod's container ends once its log is read; None: the pod runs until it is deleted
    :param reason: of that end, as the kubelet gives it
    """

    def __init__(self, log=b"", exit_code=0, reason=None):
        self.log, self.exit_code = log, exit_code
        self.reason = reason or ("Completed" if exit_code == 0 else "Error")
        self.created = []
        self.deleted = []
        self.requests = []
        self.gone = threading.Event()
        self.started = threading.Event()
        self._ended = False
        api = self

        class Handler(BaseHTTPRequestHandler):
            # ruff: noqa: D102 (the base class says it)
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                api.answer(self, "get")

            def do_POST(self):
                api.answer(self, "create")

            def do_PATCH(self):
                api.answer(self, "patch")

            def do_DELETE(self):
                api.answer(self, "delete")

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self.gone.set()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, handler, verb):
        """Answer one request and note its verb and resource, as an RBAC rule names them."""
        address = urlsplit(handler.path)
        query = parse_qs(address.query)
        body = json.loads(handler.rfile.read(int(handler.headers.get("Content-Length") or 0)) or "{}")
        kind, *rest = address.path.removeprefix("/api/v1/namespaces/lakehouse/").split("/")
        if verb == "get" and not rest:
            verb = "watch" if query.get("watch") == ["true"] else "list"
        self.requests.append((verb, "/".join([kind, *rest[1:]])))
        if kind == "events":
            return _send(handler, {"apiVersion": "v1", "kind": "EventList", "metadata": {}, "items": []})
        if rest[1:] == ["log"]:
            return self._send_log(handler)
        if verb == "create":
            self.created.append(body)
        if verb == "delete":
            self.deleted.append(rest[0])
            self._ended = True
            self.gone.set()
        if verb == "list":
            return _send(handler, {"apiVersion": "v1", "kind": "PodList", "metadata": {}, "items": [self._pod()]})
        return _send(handler, self._pod(), 201 if verb == "create" else 200)

    def _send_log(self, handler):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for number, line in enumerate(self.log.splitlines()):
            text = b"2026-07-01T00:00:%02d.000000000Z %s\n" % (number % 60, line)
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(text), text))
        self.started.set()
        if self.exit_code is None:
            self.gone.wait(20)
        self._ended = True
        handler.wfile.write(b"0\r\n\r\n")

    def _pod(self):
        pod = dict(self.created[-1])
        state = {"running": {"startedAt": "2026-07-01T00:00:00Z"}}
        phase = "Running"
        if self._ended:
            code = 143 if self.exit_code is None else self.exit_code
            phase = "Succeeded" if code == 0 else "Failed"
            ended = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            state = {"terminated": {"exitCode": code, "reason": self.reason, "finishedAt": ended}}
        container = {"name": "base", "image": "i", "imageID": "i", "ready": False, "restartCount": 0, "state": state}
        pod["status"] = {"phase": phase, "containerStatuses": [container]}
        return pod


def _send(handler, body, status=200):
    data = json.dumps(body).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)
