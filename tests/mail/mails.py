"""Small mails for tests, in bytes."""

from maild.mail.model import Hints, InboundMail, Limits
from maild.mail.parse import understand

HINTS = Hints(frozenset({"support@acme.test"}), ("Acme Support",), "##- please reply above this line -##", "TICK")


def mail(body: bytes | str = b"Hello", **fields: str | None) -> bytes:
    """A mail from Jane to the desk; fields by name with `_` for `-`, None leaves one out."""
    header: dict[str, str | None] = {
        "From": "Jane Doe <jane@customer.test>",
        "To": "support@acme.test",
        "Subject": "Printer",
        "Message-ID": "<1@customer.test>",
        "Content-Type": "text/plain; charset=utf-8",
    }
    header |= {name.replace("_", "-"): value for name, value in fields.items()}
    block = "".join(f"{name}: {value}\r\n" for name, value in header.items() if value is not None)
    return block.encode("utf-8", "surrogateescape") + b"\r\n" + (body.encode() if isinstance(body, str) else body)


def reply(body: str, **fields: str | None) -> bytes:
    """An answer to one of our mails."""
    return mail(body, **{"Subject": "Re: [TICK-1001] Printer", "In_Reply_To": "<out.1@acme.test>", **fields})


def read(source: bytes, hints: Hints = HINTS) -> InboundMail:
    return understand(source, hints, Limits())


def multipart(kind: str, *parts: bytes) -> tuple[bytes, str]:
    """The body and the Content-Type of a container."""
    inner = b"".join(b"--=_b\r\n" + part + b"\r\n" for part in parts)
    return inner + b"--=_b--\r\n", f'multipart/{kind}; boundary="=_b"'


def part(content: bytes, content_type: str = "text/plain; charset=utf-8", **fields: str) -> bytes:
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    return f"Content-Type: {content_type}\r\n{more}\r\n".encode() + content
