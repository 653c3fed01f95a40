"""Bounces and receipts: delivery status by its structure (RFC 3464), flufl.bounce for mail servers that write prose."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email import message_from_bytes

from flufl.bounce import all_failures

from maild.mail.addresses import lower
from maild.mail.clean import clean_line
from maild.mail.headers import Headers, message_ids, parse_headers, strip_comments
from maild.mail.model import Bounced, Limits
from maild.mail.structure import Part

_MAX_RECIPIENTS = 100
# flufl.bounce tries each line with seventeen detectors: 256 KiB of empty lines cost it 2.5 s.
_MAX_PROSE = 64 * 1024
_MAX_PROSE_LINES = 3000
_MAX_NESTED = 40
_ASCII = bytes(range(128)) + b"?" * 128
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_REPLY = re.compile(r"\b([45])\d\d[ -]")
_ADDRESS = re.compile(r"[^\s<>;,\"]{1,200}@[^\s<>;,\"]{1,255}")
_ID_LINE = re.compile(r"^[> \t]{0,20}Message-ID:[ \t]*(<[^<>\n]{3,998}>)", re.IGNORECASE | re.MULTILINE)
_RETURNED = frozenset({"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"})
_STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
# Class 5, but only full: worth another letter later.
_SOFT_THOUGH_PERMANENT = frozenset({"5.2.2"})


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a delivery status says: the actions that occur and the recipients that failed or wait."""

    actions: frozenset[str]
    recipients: tuple[Bounced, ...]


def delivery_report(parts: Iterable[Part], source: bytes, limits: Limits) -> DeliveryReport | None:
    """The delivery status of a mail, None when it has none."""
    found = [part for part in parts if part.content_type in _STATUS_TYPES]
    if not found:
        return None
    actions: set[str] = set()
    recipients: dict[str, Bounced] = {}
    for part in found:
        for block in _blocks(part.content(source), limits):
            action = strip_comments(block.first("action")).strip().lower()
            addresses = _recipients(block)
            if not addresses:
                continue
            actions.add(action)
            if action in ("failed", "delayed", ""):
                for address in addresses:
                    recipients.setdefault(address, _bounced(address, action, block))
    return DeliveryReport(frozenset(actions), tuple(recipients.values())[:_MAX_RECIPIENTS])


def _blocks(content: bytes, limits: Limits) -> list[Headers]:
    blocks: list[Headers] = []
    at = 0
    while at < len(content) and len(blocks) <= _MAX_RECIPIENTS:
        block = parse_headers(content, at, len(content), limits)
        blocks.append(block)
        at = max(block.body_start, at + 1)
    return blocks


def _recipients(block: Headers) -> list[str]:
    """The address that we wrote to where it is told, and the one behind it that failed at last: neither was reached."""
    found: list[str] = []
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        value = clean_line(block.first(name))
        match = _ADDRESS.search(value.partition(";")[2] or value)
        if match and not (found and name.startswith("x-")):
            found.append(lower(match.group().strip("<>")))
    return list(dict.fromkeys(found))


def _bounced(address: str, action: str, block: Headers) -> Bounced:
    said = strip_comments(block.first("status"))
    diagnostic = block.first("diagnostic-code")
    status = _status(said) or _status(diagnostic)
    if status and status.endswith(".0.0"):
        status = _status(diagnostic) or status
    soft = action == "delayed" or (status or _reply_class(diagnostic) or "5").startswith("4")
    return Bounced(address, not soft and status not in _SOFT_THOUGH_PERMANENT, status)


def _status(text: str) -> str | None:
    match = _STATUS.search(text)
    return match.group() if match else None


def _reply_class(text: str) -> str | None:
    match = _REPLY.search(text)
    return match.group(1) if match else None


def prose_failures(source: bytes, text: str) -> tuple[Bounced, ...]:
    """The recipients that flufl.bounce finds in a bounce without delivery status; none where it would nest or grow."""
    head = b"\n".join(source[:_MAX_PROSE].split(b"\n", _MAX_PROSE_LINES)[:_MAX_PROSE_LINES])
    lowered = head.lower()
    if lowered.count(b"multipart/") + lowered.count(b"message/") > _MAX_NESTED:
        return ()
    try:
        # 8-bit header values come as `Header` objects, on which its detectors trip.
        temporary, permanent = all_failures(message_from_bytes(head.translate(_ASCII)))
    except Exception:  # noqa: BLE001  seventeen detectors of prose: whatever one trips over, the mail stays a bounce
        return ()
    status = _status(text)
    soft = [Bounced(address, False, _of_class(status, "4")) for address in _texts(temporary)]
    hard = [
        Bounced(address, status not in _SOFT_THOUGH_PERMANENT, _of_class(status, "5")) for address in _texts(permanent)
    ]
    return tuple({item.address: item for item in soft + hard}.values())[:_MAX_RECIPIENTS]


def _texts(addresses: Iterable[bytes]) -> list[str]:
    found = {lower(clean_line(raw.decode("utf-8", "replace"))).strip("<>") for raw in addresses}
    return sorted(address for address in found if _ADDRESS.fullmatch(address))


def _of_class(status: str | None, digit: str) -> str | None:
    return status if status and status.startswith(digit) else None


def returned_ids(parts: Iterable[Part], source: bytes, text: str, limits: Limits) -> tuple[str, ...]:
    """Message-IDs of the mail that came back or was reported on, from its returned headers or quoted in the prose."""
    found: list[str] = []
    for part in parts:
        if part.content_type in _RETURNED:
            content = part.content(source)
            returned = parse_headers(content, 0, len(content), limits)
            found += message_ids(returned.first("message-id"))
        elif part.content_type == "message/disposition-notification":
            content = part.content(source)
            found += message_ids(parse_headers(content, 0, len(content), limits).first("original-message-id"))
    if not found:
        found = [line for raw in _ID_LINE.findall(text[:_MAX_PROSE]) for line in message_ids(raw)]
    return tuple(dict.fromkeys(found))[:20]
