"""The world outside: an SMTP server that keeps every mail in a list and can be told to refuse, hang up or swallow."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import BinaryIO

from tests.desk_driver import Sent

CLOSE = "CLOSE"  # as an answer: the connection ends instead; after the dot that leaves the client in doubt (RFC 1047)
ANSWERS = {
    "banner": "220 sink.test ready",
    "EHLO": "250 sink.test",
    "HELO": "250 sink.test",
    "MAIL": "250 2.1.0 fine",
    "RCPT": "250 2.1.5 fine",
    "DATA": "354 go on",
    "dot": "250 2.0.0 taken",
    "RSET": "250 2.0.0 fine",
    "NOOP": "250 2.0.0 fine",
    "QUIT": "221 2.0.0 bye",
}


class Sink:
    """`script`: phase → answers to come, in order, then the usual one. `refusals`: recipient → answer, always."""

    def __init__(self, port: int = 0) -> None:
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        self.mails: list[Sent] = []
        self.script: dict[str, list[str]] = {}
        self.refusals: dict[str, str] = {}
        self.swallowed = 0
        self._came = threading.Condition()
        self._peers: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._over = False

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def __enter__(self) -> "Sink":
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        with self._came:
            peers = list(self._peers)
        for peer in peers:
            with contextlib.suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        self._listener.close()

    def to(self, address: str, event: str | None = None) -> list[Sent]:
        """What came for an address so far."""
        with self._came:
            mine = [mail for mail in self.mails if mail.rcpt_to == address]
        return [mail for mail in mine if event is None or mail.event == event]

    def wait_for(self, address: str, event: str | None = None, *, count: int = 1, seconds: float = 30) -> Sent:
        """The `count`-th mail for an address (of an event), as soon as it is there."""
        found = self.wait(lambda: self.to(address, event)[count - 1 : count], seconds)
        if found:
            return found[0]
        seen = [f"{mail.rcpt_to}: {mail.event or mail['Subject']}" for mail in self.mails]
        raise AssertionError(f"no mail {count} to {address} ({event or 'any event'}) within {seconds} s; came: {seen}")

    def wait(self, look: Callable[[], list[Sent]], seconds: float) -> list[Sent]:
        until = time.monotonic() + seconds
        with self._came:
            while not (found := look()):
                left = until - time.monotonic()
                if left <= 0 or not self._came.wait(left):
                    return look()
        return found

    def _start(self, run: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=run, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._over:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            with self._came:
                self._peers.add(peer)
            self._start(self._session, peer)

    def _session(self, peer: socket.socket) -> None:
        with contextlib.suppress(OSError), peer, peer.makefile("rb") as stream:
            peer.settimeout(120)
            self._serve(peer, stream)
        with self._came:
            self._peers.discard(peer)

    def _serve(self, peer: socket.socket, stream: BinaryIO) -> None:
        sender, recipients = "", list[str]()
        if not self._answer(peer, "banner"):
            return
        while line := stream.readline():
            text = line.decode("utf-8", "replace").strip()
            word = text.split(" ")[0].split(":")[0].upper()
            address = text.partition("<")[2].partition(">")[0]
            given = self.refusals.get(address) if word == "RCPT" else None
            said = self._answer(peer, word, given)
            if not said or word == "QUIT":
                return
            match word, said[:1]:
                case "MAIL", "2":
                    sender, recipients = address, []
                case "RCPT", "2":
                    recipients.append(address)
                case "DATA", "3":
                    content = _until_dot(stream)
                    if content is None or not self._keep(peer, sender, recipients, content):
                        return

    def _keep(self, peer: socket.socket, sender: str, recipients: list[str], content: bytes) -> bool:
        """Counted before the answer leaves: whoever reads the answer finds the mail in the list."""
        answer = self._next("dot")
        with self._came:
            if answer.startswith("2"):
                self.mails += [Sent(sender, recipient, content) for recipient in recipients]
            elif answer == CLOSE:
                self.swallowed += 1
            self._came.notify_all()
        return bool(self._say(peer, answer))

    def _answer(self, peer: socket.socket, phase: str, given: str | None = None) -> str:
        return self._say(peer, given or self._next(phase))

    def _next(self, phase: str) -> str:
        with self._came:
            waiting = self.script.get(phase)
            return waiting.pop(0) if waiting else ANSWERS.get(phase, "500 5.5.2 what?")

    def _say(self, peer: socket.socket, answer: str) -> str:
        if answer == CLOSE:
            return ""
        peer.sendall(answer.encode() + b"\r\n")
        return "" if answer.startswith("421") else answer


def _until_dot(stream: BinaryIO) -> bytes | None:
    """The mail without its dots (RFC 5321 4.5.2); None when the client went away before the end."""
    lines: list[bytes] = []
    while line := stream.readline():
        if line == b".\r\n":
            return b"".join(lines)
        lines.append(line[1:] if line.startswith(b".") else line)
    return None
