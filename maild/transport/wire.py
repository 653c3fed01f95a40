"""The content of a mail between DATA and the final dot (RFC 5321 4.5.2): only whole CRLFs, every early dot doubled."""

from collections.abc import Iterator

from maild.errors import PermanentError

CHUNK = 64 * 1024


def check_line_ends(content: bytes) -> None:
    """A bare CR or LF would let the next server see an end where none is (SMTP smuggling, CVE-2023-51764)."""
    whole = content.count(b"\r\n")
    if content.count(b"\n") != whole or content.count(b"\r") != whole:
        raise PermanentError("the mail has a bare CR or LF and may not leave (SMTP smuggling)")


def stuffed(content: bytes) -> bytes:
    """The content as it stands on the wire, ended by CRLF, without the final dot."""
    if content.startswith(b"."):
        content = b"." + content
    content = content.replace(b"\r\n.", b"\r\n..")
    return content if content.endswith(b"\r\n") else content + b"\r\n"


def chunks(content: bytes) -> Iterator[memoryview]:
    """Pieces that each get a timeout of their own, however long the whole takes."""
    view = memoryview(content)
    return (view[start : start + CHUNK] for start in range(0, len(view), CHUNK))
