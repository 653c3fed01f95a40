"""An IMAP server on a loopback socket that breaks the protocol where a test tells it to."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Script = Callable[["Line", str, str], bool]


def mail_source(number: int, body: str = "hello") -> bytes:
    lines = [
        "Return-Path: <ann@example.org>",
        f"Subject: mail {number}",
        f"Message-ID: <{number}@example.org>",
        "",
        body,
    ]
    return "\r\n".join([*lines, ""]).encode()


@dataclass
class Box:
    """The folder that the server shows."""

    mails: dict[int, bytes] = field(default_factory=dict)
    uidvalidity: int | None = 1700000001
    uidnext: int | None = None
    capabilities: str = "IMAP4rev1 IDLE UIDPLUS MOVE"
    arrived: str = "21-Nov-2026 09:30:00 +0000"

    def next_uid(self) -> int:
        return self.uidnext or max(self.mails, default=0) + 1


class Line:
    """One client's connection, as the scripts see it."""

    def __init__(self, sock: socket.socket, box: Box, cut_after: int | None) -> None:
        self.sock = sock
        self.box = box
        self._left = cut_after
        self._file = sock.makefile("rb")

    def send(self, text: str | bytes) -> None:
        content = text.encode() + b"\r\n" if isinstance(text, str) else text
        self.sock.sendall(content[: self._left])
        if self._left is not None:
            self._left -= len(content)
            if self._left <= 0:
                raise ConnectionAbortedError("cut, as the test wants")

    def readline(self) -> str:
        return self._file.readline().decode("utf-8", "replace").rstrip("\r\n")

    def hang_up(self) -> None:
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._file.close()
        self.sock.close()


class ScriptedServer:
    """Answers like a plain server, but asks `scripts` first: one that returns True has answered the command itself."""

    def __init__(self, box: Box, *scripts: Script) -> None:
        self.box = box
        self.scripts = list(scripts)
        self.commands: list[str] = []
        self.greeting = b"* OK ready\r\n"
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._lines: list[Line] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        self.cut_next_after: int | None = None
        self._start(self._accept)

    def close(self) -> None:
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for line in list(self._lines):
            line.hang_up()
        for thread in self._threads:
            thread.join(10)

    def wait_for(self, word: str, count: int = 1, seconds: float = 20.0) -> None:
        with self._changed:
            done = self._changed.wait_for(lambda: self.said(word) >= count, seconds)
        assert done, (word, self.commands)

    def said(self, word: str) -> int:
        return sum(word in command for command in self.commands)

    def stopping(self, seconds: float) -> bool:
        return self._stopping.wait(seconds)

    def _start(self, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            line = Line(sock, self.box, self.cut_next_after)
            self._lines.append(line)
            self.connections += 1
            self._start(lambda line=line: self._serve(line))  # type: ignore[misc]

    def _serve(self, line: Line) -> None:
        with contextlib.closing(line), contextlib.suppress(OSError):
            line.send(self.greeting)
            while command := line.readline():
                with self._changed:
                    self.commands.append(command)
                    self._changed.notify_all()
                tag, _, rest = command.partition(" ")
                if not any(script(line, tag, rest) for script in self.scripts):
                    plain_answer(line, tag, rest)


def plain_answer(line: Line, tag: str, rest: str) -> None:
    words = rest.upper().split() or [""]
    answer = ANSWERS.get(" ".join(words[:2])) or ANSWERS.get(words[0]) or (lambda *_: None)
    answer(line, tag, rest)
    if words[0] != "IDLE":
        line.send(f"{tag} OK done")


def _capability(line: Line, tag: str, rest: str) -> None:
    line.send(f"* CAPABILITY {line.box.capabilities}")


def _select(line: Line, tag: str, rest: str) -> None:
    line.send(f"* {len(line.box.mails)} EXISTS")
    line.send("* 0 RECENT")
    if line.box.uidvalidity is not None:
        line.send(f"* OK [UIDVALIDITY {line.box.uidvalidity}] valid")
    if line.box.uidnext != 0:
        line.send(f"* OK [UIDNEXT {line.box.next_uid()}] next")


def _search(line: Line, tag: str, rest: str) -> None:
    words = rest.split()
    low, _, high = words[3].partition(":") if len(words) > 3 and words[2] == "UID" else ("1", "", "*")
    uids = sorted(line.box.mails)
    if low == "*":
        found = uids[-1:]
    else:
        found = [uid for uid in uids if uid >= int(low) and (high == "*" or uid <= int(high or low))]
        found = found or (uids[-1:] if high == "*" else [])
    line.send("* SEARCH" + "".join(f" {uid}" for uid in found))


def _fetch(line: Line, tag: str, rest: str) -> None:
    uid = int(rest.split()[2])
    source = line.box.mails.get(uid)
    if source is None:
        return
    if "RFC822.SIZE" in rest:
        line.send(f'* {uid} FETCH (RFC822.SIZE {len(source)} UID {uid} INTERNALDATE "{line.box.arrived}")')
    elif "HEADER" in rest:
        header = source.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        line.send(f"* {uid} FETCH (UID {uid} BODY[HEADER]<0> {{{len(header)}}}\r\n".encode() + header + b")\r\n")
    else:
        line.send(f"* {uid} FETCH (UID {uid} BODY[] {{{len(source)}}}\r\n".encode() + source + b")\r\n")


def _idle(line: Line, tag: str, rest: str) -> None:
    line.send("+ idling")
    line.readline()
    line.send(f"{tag} OK done")


ANSWERS: dict[str, Callable[[Line, str, str], None]] = {
    "CAPABILITY": _capability,
    "SELECT": _select,
    "EXAMINE": _select,
    "UID SEARCH": _search,
    "UID FETCH": _fetch,
    "IDLE": _idle,
    "LOGOUT": lambda line, _tag, _rest: line.send("* BYE"),
}


@contextlib.contextmanager
def scripted(box: Box, *scripts: Script) -> Iterator[ScriptedServer]:
    server = ScriptedServer(box, *scripts)
    try:
        yield server
    finally:
        server.close()
