"""Where a mail ends, and only there: CR LF dot CR LF (RFC 5321 4.1.1.4, 4.5.2). Takes chunks, does no I/O.

Everything else that some server somewhere takes for an end (LF dot LF, CR dot CR, ...) is content: SMTP smuggling,
CVE-2023-51764 and CVE-2024-27305. Works on whole chunks with `find` and `replace`, never line by line, so neither a
million empty lines nor one endless line costs more than its bytes.
"""

import re
from dataclasses import dataclass

END = b"\r\n.\r\n"
_BEGINNINGS = tuple(END[:length] for length in range(len(END) - 1, 0, -1))
_START_OF_LINE = b"\r\n"
# In an ordinary mail the first of these is its end: nothing is stuffed, and after each CR comes an LF.
_ODD = re.compile(rb"\r(?:\n\.|[^\n])")
_ALL_BUT_ENDS = bytes(set(range(256)) - set(_START_OF_LINE))


@dataclass(slots=True)
class DotReader:
    """Feeds on what arrives after 354 and gives back content without stuffed dots, every line ended by CR LF.

    `arrived` counts bytes as they came, `size` and `lines` what was given back, `bare` the CRs and LFs that stood
    alone (they are made CR LF). After `discard()` it only looks for the end. `rest` is what came behind the end.
    """

    arrived: int = 0
    size: int = 0
    lines: int = 0
    bare: int = 0
    ended: bool = False
    rest: bytes = b""
    _discarding: bool = False
    # The mail's first line may be the lone dot: pretend that a line ended just before it, and drop that later.
    _held: bytes = _START_OF_LINE
    _begun: bool = False
    _plain: bool = True

    def discard(self) -> None:
        """From now on give back nothing."""
        self._discarding = True

    def feed(self, chunk: bytes | bytearray) -> bytes:
        """The content that is certain after this chunk."""
        self.arrived += len(chunk)
        piece = self._split(self._held + chunk)
        return b"" if self._discarding else self._content(piece)

    def _split(self, window: bytes) -> bytes:
        odd = _ODD.search(window)
        end = window.find(END, odd.start()) if odd else -1
        self._plain = odd is None or odd.start() == end
        if end < 0:
            kept = len(window) - _begun_end(window)
            self._held = window[kept:]
            return window[:kept]
        self.ended = True
        self.rest = window[end + len(END) :]
        return window[: end + len(_START_OF_LINE)]

    def _content(self, piece: bytes) -> bytes:
        if not self._plain:
            piece = piece.replace(b"\r\n.", b"\r\n")
        if piece and not self._begun:
            self._begun = True
            piece = piece[len(_START_OF_LINE) :]
        return self._counted(piece)

    def _counted(self, piece: bytes) -> bytes:
        ends = piece.translate(None, _ALL_BUT_ENDS)
        # Each CR has its LF where the piece is plain: if they take turns, no LF is left to stand alone.
        if self._plain and ends == _START_OF_LINE * (len(ends) // 2):
            self.lines += len(ends) // 2
        else:
            piece = self._made_whole(piece)
        self.size += len(piece)
        return piece

    def _made_whole(self, piece: bytes) -> bytes:
        pairs, returns, feeds = piece.count(b"\r\n"), piece.count(b"\r"), piece.count(b"\n")
        self.bare += returns + feeds - 2 * pairs
        self.lines += returns + feeds - pairs
        if returns == feeds == pairs:
            return piece
        return piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")


def _begun_end(window: bytes) -> int:
    """How many bytes at the window's end may be the beginning of the end."""
    return next((len(start) for start in _BEGINNINGS if window.endswith(start)), 0)
