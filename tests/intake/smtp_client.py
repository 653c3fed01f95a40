"""A client that sends exactly the bytes it is told, for what smtplib is too polite to do."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from maild.intake.listener import Listener
from maild.intake.smtp_settings import SmtpSettings
from tests.intake.door import DESK, ListDoor


@contextmanager
def listening(door: ListDoor, settings: SmtpSettings) -> Iterator[Listener]:
    """A running listener that is drained at the end."""
    listener = Listener(settings, door)
    listener.start()
    try:
        yield listener
    finally:
        door.release()
        listener.drain(seconds=0.2)


class Client:
    """One connection. Closes itself; `say` returns the whole reply as text."""

    def __init__(self, listener: Listener, place: int = 0, source: str = "", *, greet: bool = True) -> None:
        address = listener.addresses[place]
        self.socket = _connected(address.path) if address.path else _reached(address.host, address.port, source)
        self.socket.settimeout(10)
        self._unread = b""
        if greet:
            assert self.reply().startswith("220 "), "no greeting"

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def say(self, line: str) -> str:
        self.send(line.encode() + b"\r\n")
        return self.reply()

    def reply(self) -> str:
        """The next reply, its lines joined by LF; empty when the server has closed."""
        lines: list[str] = []
        while line := self._line():
            lines.append(line)
            if line[3:4] != "-":
                break
        return "\n".join(lines)

    def replies(self) -> list[str]:
        """Everything until the server closes."""
        found: list[str] = []
        while reply := self.reply():
            found.append(reply)
        return found

    def begin(self, sender: str = "ann@example.org", recipient: str = DESK, hello: str = "EHLO") -> "Client":
        """Up to the 354."""
        for line, code in ((f"{hello} client.test", "250"), (f"MAIL FROM:<{sender}>", "250")):
            assert self.say(line).startswith(code)
        assert self.say(f"RCPT TO:<{recipient}>").startswith("250")
        assert self.say("DATA").startswith("354")
        return self

    def start_tls(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.socket = context.wrap_socket(self.socket)

    def _line(self) -> str:
        while b"\r\n" not in self._unread:
            try:
                chunk = self.socket.recv(65536)
            except ConnectionResetError:
                return ""
            if not chunk:
                return ""
            self._unread += chunk
        line, _, self._unread = self._unread.partition(b"\r\n")
        return line.decode()


def _reached(host: str, port: int, source: str) -> socket.socket:
    return socket.create_connection((host, port), timeout=10, source_address=(source, 0) if source else None)


def _connected(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(path))
    return connection
