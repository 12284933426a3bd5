"""An SSH server that answers every command with a script of ours."""

import socket
import threading

import paramiko


class Session(paramiko.ServerInterface):
    """Let anyone in who shows a key; keep the command."""

    def __init__(self):
        self.command = None
        self.environment = {}
        self.asked = threading.Event()

    # ruff: noqa: D102 (the base class says it)
    def get_allowed_auths(self, username):
        return "publickey"

    def check_auth_publickey(self, username, key):
        return paramiko.AUTH_SUCCESSFUL

    def check_channel_request(self, kind, chanid):
        return paramiko.OPEN_SUCCEEDED

    def check_channel_env_request(self, channel, name, value):
        self.environment[name] = value
        return True

    def check_channel_exec_request(self, channel, command):
        self.command = command.decode()
        self.asked.set()
        return True


class Server:
    """Serve one connection on a port of the machine's choice."""

    def __init__(self, answer):
        self.key = paramiko.ECDSAKey.generate()
        self.session = Session()
        self._answer = answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._transport = None
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        try:
            connection, _ = self._socket.accept()
        except OSError:
            return
        self._transport = paramiko.Transport(connection)
        self._transport.add_server_key(self.key)
        try:
            self._transport.start_server(server=self.session)
            # accept() does not notice that the client has left.
            channel = None
            while channel is None and self._transport.is_active():
                channel = self._transport.accept(0.1)
            if channel and self.session.asked.wait(20):
                self._answer(channel)
        except (OSError, EOFError, paramiko.SSHException):
            return

    def close(self):
        """Stop listening."""
        self._socket.close()
        if self._transport:
            self._transport.close()
        self._thread.join(timeout=5)
