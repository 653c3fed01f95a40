"""From fetched bytes to what the door takes: the envelope, and a stand-in for a mail that is too large. Pure."""

from collections.abc import Iterator
from datetime import datetime

from maild.intake.imap_account import ImapAccount
from maild.mail.envelope import Envelope, Via

HEADER_BYTES = 256 * 1024
# They describe the body that was left on the server.
BODY_FIELDS = frozenset({b"content-type", b"content-transfer-encoding", b"content-disposition", b"mime-version"})


def envelope(account: ImapAccount, source: bytes, where: str, received_at: datetime, *, quiet: bool) -> Envelope:
    """What a mailbox knows of a mail's delivery: the final server's Return-Path and Delivered-To (RFC 5321 4.4)."""
    names = dict(reversed(list(fields(source))))  # the topmost counts
    hint = account.address is not None and b"delivered-to" not in names
    return Envelope(
        via=Via.IMAP,
        received_at=received_at,
        mail_from=reverse_path(names.get(b"return-path")),
        rcpt_to=(account.address,) if hint and account.address else (),
        trusted=account.trust_authentication_results,
        quiet=quiet,
        origin=where,
    )


def origin(account: ImapAccount, uidvalidity: int | None, uid: int) -> str:
    """`imap:support@mail.acme.test/INBOX 1700000001:42`."""
    return f"imap:{account.key}/{account.folder} {uidvalidity or 0}:{uid}"


def fields(source: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names (lower case) and first lines of the header fields."""
    for line in header_lines(source):
        name, colon, value = line.partition(b":")
        if colon and line[:1] not in b" \t":
            yield name.strip().lower(), value.strip()


def header_lines(source: bytes) -> Iterator[bytes]:
    """Lines of the header block without their ends."""
    start, limit = 0, min(len(source), HEADER_BYTES)
    while start < limit:
        end = source.find(b"\n", start, limit)
        line = source[start : limit if end < 0 else end].rstrip(b"\r")
        if not line:
            return
        yield line
        start = limit if end < 0 else end + 1


def reverse_path(value: bytes | None) -> str | None:
    """The address between the brackets, `""` for the null sender, None for anything else."""
    if value is None or not value.startswith(b"<") or not value.endswith(b">"):
        return None
    address = value[1:-1].strip().decode("utf-8", "replace")
    plain = address.isprintable() and not {"<", ">", " ", "\ufffd"} & set(address)
    return address if not address or (plain and "@" in address) else None


def stand_in(header: bytes, size: int, account: ImapAccount, where: str) -> bytes:
    """A small mail with the large one's header and a note: a ticket comes of it, and the mail stays where it is."""
    note = (
        f"[This mail of {size} bytes is larger than the {account.max_message_bytes} bytes that are taken in.\r\n"
        f"Only its header was fetched; the whole mail is still in the mailbox: {where}]\r\n"
    )
    lines = [
        *_without_body_fields(header),
        b"MIME-Version: 1.0",
        b"Content-Type: text/plain; charset=utf-8",
        b"Content-Transfer-Encoding: 8bit",
        b"X-Maild-Defect: too large, only the header was fetched",
        b"",
    ]
    return b"\r\n".join(lines) + b"\r\n" + note.encode()


def _without_body_fields(header: bytes) -> Iterator[bytes]:
    dropping = False
    for line in header_lines(header):
        if line[:1] not in b" \t":
            dropping = line.partition(b":")[0].strip().lower() in BODY_FIELDS
        if not dropping:
            yield line
