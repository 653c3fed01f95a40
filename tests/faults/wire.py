"""A line between any two parties that can be cut at a byte, swallowed, or cut where an answer is due."""

import contextlib
import socket
import threading
from collections.abc import Callable
from types import TracebackType

Place = tuple[str, int] | str  # host and port, or the path of a Unix socket
PIECE = 4096


def _never() -> int | None:
    return None


class Wire:
    """`cut_after` says for each new connection after how many bytes of the server's it is cut.

    `cut_answer_to`: a pattern; where the client's bytes hold it, they are passed on, the server acts, and the line is
    cut instead of the answer. `swallow`: the line is open and nothing comes through.
    """

    def __init__(self, target: Place, listen: Place = ("127.0.0.1", 0)) -> None:
        self._target = target
        self._listener = _listening(listen)
        self.cut_after: Callable[[], int | None] = _never
        self.cut_answer_to: Callable[[bytes], bool] = lambda _bytes: False
        self.swallow = threading.Event()
        self.connections = 0
        self.cuts = 0
        self._open: set[socket.socket] = set()
        self._turn = threading.Lock()
        self._over = False

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def __enter__(self) -> "Wire":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut_all()

    def cut_all(self) -> None:
        """Hangs up on everybody."""
        with self._turn:
            lines = list(self._open)
        for line in lines:
            _hang_up(line)

    def _accept(self) -> None:
        while not self._over:
            try:
                client, _ = self._listener.accept()
                server = _connected(self._target)
            except OSError:
                if self._over:
                    return
                continue
            self.connections += 1
            with self._turn:
                self._open |= {client, server}
            due = threading.Event()
            left = self.cut_after()
            threading.Thread(target=self._to_server, args=(client, server, due), daemon=True).start()
            threading.Thread(target=self._to_client, args=(server, client, due, left), daemon=True).start()

    def _to_server(self, client: socket.socket, server: socket.socket, due: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while content := client.recv(PIECE):
                if self.cut_answer_to(content):
                    due.set()
                if not self.swallow.is_set():
                    server.sendall(content)
        self._end(client, server)

    def _to_client(self, server: socket.socket, client: socket.socket, due: threading.Event, left: int | None) -> None:
        with contextlib.suppress(OSError):
            while content := server.recv(PIECE):
                if due.is_set() or (left is not None and left <= len(content)):
                    client.sendall(b"" if due.is_set() else content[:left])
                    self.cuts += 1
                    break
                left = None if left is None else left - len(content)
                if not self.swallow.is_set():
                    client.sendall(content)
        self._end(server, client)

    def _end(self, *lines: socket.socket) -> None:
        for line in lines:
            _hang_up(line)
        with self._turn:
            self._open -= set(lines)


def _listening(place: Place) -> socket.socket:
    if isinstance(place, str):
        return socket.create_server(place, family=socket.AF_UNIX)
    return socket.create_server(place)


def _connected(place: Place) -> socket.socket:
    if isinstance(place, str):
        line = socket.socket(socket.AF_UNIX)
        line.connect(place)
        return line
    return socket.create_connection(place, 10)


def _hang_up(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()
