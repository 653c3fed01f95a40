"""A relay that plays a script: what it says to each phase, where it hangs up, where it falls silent."""

import contextlib
import re
import socket
import ssl
import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import BinaryIO

CLOSE = "close"
SILENT = "silent"
ANSWERS = {
    "banner": "220 relay.test ESMTP",
    "EHLO": "250-relay.test\r\n250-SIZE 10000000\r\n250 8BITMIME",
    "MAIL": "250 2.1.0 ok",
    "RCPT": "250 2.1.5 ok",
    "DATA": "354 go on",
    "dot": "250 2.0.0 queued as ABC123",
    "RSET": "250 2.0.0 ok",
    "QUIT": "221 2.0.0 bye",
    "STARTTLS": "220 2.0.0 go on",
    "AUTH": "235 2.7.0 welcome",
}


@dataclass
class ScriptedRelay:
    """Listens on loopback while the `with` block runs. `script` overrides answers: text, CLOSE, SILENT, raw bytes, or a
    list of these that is used up from the front."""

    script: dict[str, str | bytes | list[str | bytes]] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    tls_at_once: bool = False
    commands: list[str] = field(default_factory=list)
    contents: list[bytes] = field(default_factory=list)
    connections: int = 0
    at_dot: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "ScriptedRelay":
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._listener.close()

    def url(self, scheme: str = "smtp", login: str = "") -> str:
        return f"{scheme}://{login}127.0.0.1:{self.port}"

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            peer.settimeout(10)
            with contextlib.suppress(OSError), contextlib.ExitStack() as closing:
                closing.callback(peer.close)
                self._serve(peer, closing)

    def _protected(self, peer: socket.socket, closing: contextlib.ExitStack) -> socket.socket:
        assert self.tls
        protected = self.tls.wrap_socket(peer, server_side=True)
        closing.callback(protected.close)
        return protected

    def _serve(self, peer: socket.socket, closing: contextlib.ExitStack) -> None:
        if self.tls_at_once:
            peer = self._protected(peer, closing)
        if not self._answer(peer, "banner"):
            return
        stream = closing.enter_context(peer.makefile("rb"))
        while line := stream.readline():
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            self.commands.append(text)
            word = text.split(" ")[0].upper()
            if not self._answer(peer, word) or word == "QUIT":
                return
            if word == "DATA" and self._said.startswith(b"354") and not self._data(peer, stream):
                return
            if word == "STARTTLS" and self._said.startswith(b"220"):
                peer = self._protected(peer, closing)
                stream = closing.enter_context(peer.makefile("rb"))

    def _data(self, peer: socket.socket, stream: BinaryIO) -> bool:
        if self.script.get("content") == CLOSE:
            stream.readline()
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            return False
        raw = b""
        while not (raw == b".\r\n" or raw.endswith(b"\r\n.\r\n")):
            piece = stream.readline()
            if not piece:
                return False
            raw += piece
        self.contents.append(raw)
        self.at_dot.set()
        return self._answer(peer, "dot")

    def _answer(self, peer: socket.socket, phase: str) -> bool:
        answer = self.script.get(phase, ANSWERS.get(phase, "500 5.5.2 what?"))
        if isinstance(answer, list):
            answer = answer.pop(0) if answer else ANSWERS[phase]
        if answer == CLOSE:
            return False
        if answer == SILENT:
            self._over.wait(10)
            return False
        self._said = answer if isinstance(answer, bytes) else answer.encode() + b"\r\n"
        peer.sendall(self._said)
        return isinstance(answer, str) and not re.match(r"421|221", answer)
