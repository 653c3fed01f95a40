"""Bytes of a stranger → `InboundMail`. Never raises on content; the worst case is a readable mail with defects."""

import hashlib
import re
from datetime import UTC, datetime
from functools import partial

from mailparser.dates import parse_mail_date
from mailparser.utils import get_addresses

from maild.mail import addresses, body, dsn, forwards, html_quotes, kind, quotes
from maild.mail.authentication import authentication_results
from maild.mail.bounce_prose import told_failures
from maild.mail.charset import decode
from maild.mail.clean import clean_line, clean_text
from maild.mail.enclosed import Enclosed, enclosed_mails, with_enclosed
from maild.mail.headers import Headers, decode_words, message_ids, parse_headers
from maild.mail.language import guess_language
from maild.mail.model import Attachment, Bounced, Hints, InboundMail, Kind, Limits, Mailbox
from maild.mail.sanitise import sanitise
from maild.mail.structure import Structure, walk

_MAX_IDS = 20
_MAX_TOKENS = 20
_TOKEN = re.compile(r"(?<![a-z0-9])[a-z2-7]{20,60}(?![a-z0-9])")
_ADDRESS = r"[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+)*@[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*"
_PLAIN = re.compile(rf"(?:([A-Za-z0-9]+(?: [A-Za-z0-9]+)*) )?<({_ADDRESS})>\Z|({_ADDRESS})\Z")
_WEEKDAY = re.compile(r"^\s*[^\W\d_]{2,12}\.?\s*,?\s*(?=\d)")
_DIGESTED = ("from", "to", "cc", "date", "subject", "in-reply-to")
_UNREADABLE_SHOWN = 64 * 1024


def understand(source: bytes, hints: Hints, limits: Limits) -> InboundMail:
    """The mail in these bytes. Total: what cannot be understood comes back as far as it can be read, and why."""
    try:
        return _understand(source, hints, limits)
    except Exception as problem:  # noqa: BLE001  a stranger's mail may hit any bug; it must stay readable (RELIABILITY D9)
        return _unreadable(source, f"could not be understood: {type(problem).__name__}")


def _understand(source: bytes, hints: Hints, limits: Limits) -> InboundMail:
    source = _plain_start(source)
    headers = parse_headers(source, 0, len(source), limits)
    structure = walk(source, headers, limits)
    read = body.read_body(structure.parts, source, limits)
    subject = headers.text("subject")
    whole = not headers.defects or all("blank line" in defect for defect in headers.defects)
    author = addresses.author(headers.all("from"), _scan) if whole else None
    claimed = author or addresses.claimed(_sender_fields(headers), _scan)
    report = dsn.delivery_report(structure.parts, source, limits)
    prose = _Once(source, read.text)
    verdict, because = kind.kind_of(_facts(headers, structure, read, report, prose, claimed.address if claimed else ""))
    bounced = _bounced(verdict, report, prose, headers)
    inner = enclosed_mails(structure.parts, source, limits, _scan, _date)
    forwarded = forwards.forwarded(_told(headers, subject, read, inner)) if verdict is Kind.NORMAL else None
    answers = message_ids(headers.first("in-reply-to"))[:_MAX_IDS]
    references = _references(headers)
    # First mails and forwards stay whole.
    answering = bool(answers or references or quotes.is_reply(subject)) and not quotes.is_forward(subject)
    boxes = partial(_boxes, headers, limits)
    return InboundMail(
        message_id=next(iter(message_ids(headers.first("message-id"))), None),
        in_reply_to=tuple(answers),
        references=references,
        author=author,
        claimed=claimed,
        reply_to=boxes("reply-to"),
        to=boxes("to"),
        cc=boxes("cc"),
        delivered_to=_delivered_to(headers),
        subject=subject,
        date=_date(headers.first("date")),
        text=with_enclosed(_joined(read.text, read.notes), inner, limits),
        new_text=(_new_text(read, hints) if answering and not forwarded else read.text) or read.notes,
        html=sanitise(read.html) if read.html else None,
        attachments=read.attachments,
        kind=verdict,
        kind_because=because,
        auto_submitted=kind.is_automatic(headers),
        bulk=kind.is_bulk(headers),
        bounced=bounced,
        bounced_ids=_bounced_ids(verdict, structure, source, read.text, limits),
        language=guess_language(read.text, read.html, headers.first("content-language")),
        authentication=authentication_results(headers.fields) if whole else (),
        tokens=_tokens(read.text, read.html),
        digest=_digest(headers, structure, source),
        hops=len(headers.all("received")),
        defects=_defects(headers, structure, read, unclear=whole and author is None),
        forwarded=forwarded,
        lists=kind.list_names(headers),
    )


def _plain_start(source: bytes) -> bytes:
    """Without a byte order mark; old files whose lines end in CR alone would be one endless header."""
    source = source.removeprefix(b"\xef\xbb\xbf")
    if b"\n" not in source[:4096] and source[:4096].count(b"\r") > 1 and b"\n" not in source:
        return source.replace(b"\r", b"\n")
    return source


def _joined(*texts: str) -> str:
    return "\n\n".join(text for text in texts if text.strip())


def _told(headers: Headers, subject: str, read: body.Body, inner: tuple[Enclosed, ...]) -> forwards.Mail:
    """What says whether this is a forward; mail programs name the original in one of three fields."""
    named = message_ids(headers.first("x-forwarded-message-id"))
    answered = message_ids(headers.first("in-reply-to")) or message_ids(headers.first("references"))[-1:]
    return forwards.Mail(subject, read.text, inner, bool(named), next(iter([*named, *answered]), None))


def _scan(value: str) -> tuple[list[tuple[str, str]], list[str]]:
    """mail-parser's address scanner: pairs and oddities (CVE-2023-27043 is what the stdlib's would do)."""
    plain = _PLAIN.match(value)
    if plain:  # nearly every address: nothing in it that a scanner could see otherwise
        return [(plain[1] or "", plain[2] or plain[3])], []
    oddities: list[dict[str, str]] = []
    pairs = get_addresses(value, defects=oddities)
    return [(name, address) for name, address in pairs if address], [oddity["reason"] for oddity in oddities]


def _boxes(headers: Headers, limits: Limits, name: str) -> tuple[Mailbox, ...]:
    values = headers.all(name)
    return addresses.mailboxes(", ".join(values), _scan, limits.addresses) if values else ()


def _sender_fields(headers: Headers) -> list[str]:
    return [*headers.all("from")[:2], headers.first("sender"), headers.first("return-path"), headers.first("reply-to")]


def _delivered_to(headers: Headers) -> tuple[str, ...]:
    found: list[str] = []
    for name in ("delivered-to", "x-original-to", "envelope-to", "x-delivered-to", "x-envelope-to"):
        for value in headers.all(name)[:20]:
            found += [box.address for box in addresses.mailboxes(value, _scan, 20)]
    return tuple(dict.fromkeys(found))


def _references(headers: Headers) -> tuple[str, ...]:
    """The first and the last 20: what lies between says nothing more about the thread (RELIABILITY D15)."""
    found = list(dict.fromkeys(message_ids(" ".join(headers.all("references")))))
    return tuple(found if len(found) <= _MAX_IDS + 1 else [found[0], *found[-_MAX_IDS:]])


def _date(value: str) -> datetime | None:
    """For people only: no clock of ours depends on it (RELIABILITY D14)."""
    value = value.strip()[:200]
    if not value:
        return None
    bare = _WEEKDAY.sub("", value)
    for attempt in (value, bare, f"{bare} +0000"):
        found = parse_mail_date(attempt).value
        if isinstance(found, datetime):
            return found
    return _iso_date(value)


def _iso_date(value: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


class _Once:
    """The failures that a bounce tells in prose, looked for at most once."""

    def __init__(self, source: bytes, text: str) -> None:
        self._source, self.text = source, text
        self._found: tuple[Bounced, ...] | None = None

    def __call__(self) -> tuple[Bounced, ...]:
        if self._found is None:
            self._found = dsn.prose_failures(self._source, self.text)
        return self._found


def _facts(
    headers: Headers,
    structure: Structure,
    read: body.Body,
    report: dsn.DeliveryReport | None,
    prose: _Once,
    sender: str,
) -> kind.Facts:
    invitation = next((part for part in structure.parts if part.content_type == "text/calendar"), None)
    return kind.Facts(
        headers=headers,
        sender=sender,
        subject=headers.text("subject").lower(),
        text=read.text[:6000],
        root_type=structure.root_type,
        report_type=structure.root_parameters.get("report-type", "").lower(),
        types=body.types_of(structure.parts),
        report=report,
        prose=prose,
        calendar_method=kind.calendar_method(read.attachments, invitation.type_parameters) if invitation else None,
    )


def _bounced(verdict: Kind, report: dsn.DeliveryReport | None, prose: _Once, headers: Headers) -> tuple[Bounced, ...]:
    if verdict is not Kind.BOUNCE:
        return ()
    if report and report.recipients:
        return report.recipients
    ours = {box.address for name in ("to", "cc", "from") for box in addresses.mailboxes(headers.first(name), _scan, 10)}
    return prose() or told_failures(prose.text, ours)


def _bounced_ids(verdict: Kind, structure: Structure, source: bytes, text: str, limits: Limits) -> tuple[str, ...]:
    if verdict not in (Kind.BOUNCE, Kind.RECEIPT):
        return ()
    return dsn.returned_ids(structure.parts, source, text, limits)


def _new_text(read: body.Body, hints: Hints) -> str:
    """The part of a reply that is new, from its plain text or where only its HTML tells."""
    if read.plain.strip():
        new = quotes.new_text(read.text, hints)
        if not read.html or new != read.text.strip():
            return new
    shorter = html_quotes.without_quotes(read.html) if read.html else None
    return quotes.new_text(clean_text(shorter) if shorter else read.text, hints)


def _tokens(text: str, html: str) -> tuple[str, ...]:
    """What may be one of our signed references: after `+` in an address, after `ref `, or in `<…@…>`."""
    found: dict[str, None] = {}
    for where in (text.lower(), html.lower()):
        for match in _TOKEN.finditer(where):
            if _stands_as_token(where, match.start(), match.end()):
                found[match.group()] = None
            if len(found) >= _MAX_TOKENS:
                return tuple(found)
    return tuple(found)


def _stands_as_token(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - 300) : start]
    after = text[end : end + 300]
    if before.endswith(("+", "%2b", "ref ", "ref: ")):
        return True
    word_before = before.rsplit(None, 1)[-1] if before and not before[-1].isspace() else ""
    word_after = after.split(None, 1)[0] if after and not after[0].isspace() else ""
    inside = word_before.rpartition("<")[1] or "&lt;" in word_before
    return (
        bool(inside)
        and "@" in word_before.rpartition("<")[2] + word_after
        and (">" in word_after or "&gt;" in word_after)
    )


def _digest(headers: Headers, structure: Structure, source: bytes) -> str:
    """The same for the same mail whichever way it came (RELIABILITY 1.4): no trace field, no transfer encoding."""
    hashed = hashlib.sha256()
    for name in _DIGESTED:
        values = [clean_line(decode_words(value)) for value in headers.all(name)]
        hashed.update("\x1f".join([name, *values]).encode("utf-8", "replace") + b"\x1e")
    for part in structure.parts:
        content = part.content(source)
        if part.content_type.startswith(("text/", "message/")):
            content = content.replace(b"\r\n", b"\n").rstrip()
        hashed.update(part.content_type.encode("utf-8", "replace") + b"\x1f" + content + b"\x1e")
    return hashed.hexdigest()


def _defects(headers: Headers, structure: Structure, read: body.Body, *, unclear: bool) -> tuple[str, ...]:
    found = [*headers.defects, *structure.defects, *read.defects]
    senders = headers.all("from")
    if len(senders) != 1:
        found.append("no From" if not senders else f"{len(senders)} From fields")
    elif unclear:
        found.append("From is not exactly one mailbox")
    for name in ("subject", "message-id", "date", "content-type", "content-transfer-encoding", "reply-to"):
        if len(headers.all(name)) > 1:
            found.append(f"{name} occurs {len(headers.all(name))} times")
    return tuple(dict.fromkeys(found))


def _unreadable(source: bytes, defect: str) -> InboundMail:
    """The mail as it came, shown raw; nobody is believed to have sent it."""
    text = clean_text(decode(source[:_UNREADABLE_SHOWN], None)[0])
    return InboundMail(
        message_id=None, in_reply_to=(), references=(), author=None, claimed=None, reply_to=(), to=(), cc=(),
        delivered_to=(), subject=_raw_subject(text), date=None, text=text, new_text=text, html=None,
        attachments=(Attachment("original.eml", "message/rfc822", source),), kind=Kind.NORMAL,
        kind_because="it could not be read", auto_submitted=True, bulk=False, bounced=(), bounced_ids=(), language=None,
        authentication=(), tokens=(), digest=hashlib.sha256(source).hexdigest(), hops=0, defects=(defect,),
    )  # fmt: skip


def _raw_subject(text: str) -> str:
    match = re.search(r"^subject:([^\n]{0,300})", text, re.IGNORECASE | re.MULTILINE)
    return clean_line(match.group(1)) if match else ""
