"""Invitations as people read them: what, when, where, who (RFC 5545). Nothing is expanded, nothing is fetched (D16)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from maild.mail.charset import decode
from maild.mail.clean import clean_line, clean_text

_MAX_BYTES = 256 * 1024
_MAX_LINES = 2000
_MAX_GUESTS = 20
_COMPONENTS = ("VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY")
_STAMP = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})\d{0,2}(Z?))?")
_ESCAPED = re.compile(r"\\([\\;,nN])")
_TITLES = {
    "REQUEST": "Invitation", "PUBLISH": "Event", "CANCEL": "Cancelled", "REPLY": "Answer to the invitation",
    "COUNTER": "Other time proposed", "REFRESH": "Invitation asked for again", "ADD": "Added to the invitation",
    "DECLINECOUNTER": "Proposed time declined",
}  # fmt: skip
_SAID = {
    "ACCEPTED": "accepts", "DECLINED": "declines", "TENTATIVE": "accepts provisionally", "DELEGATED": "sends another",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Line:
    name: str
    parameters: dict[str, str]
    value: str


def calendar_text(content: bytes, charset: str | None) -> str:
    """The first event of a calendar in a few lines; empty when there is none."""
    lines = list(_first_component(_lines(decode(content[:_MAX_BYTES], charset or "utf-8")[0])))
    if not any(line.name in ("SUMMARY", "DTSTART") for line in lines):
        return ""
    one = {line.name: line for line in reversed(lines)}
    method = one["METHOD"].value.upper() if "METHOD" in one else ""
    guests = [line for line in lines if line.name == "ATTENDEE"]
    rows = [
        (_TITLES.get(method, "Event"), _text(one.get("SUMMARY"))),
        ("When", _when(one)),
        ("Repeats", _repeats(one.get("RRULE"))),
        ("Where", _text(one.get("LOCATION"))),
        ("Organiser", _person(one.get("ORGANIZER"))),
        *([("Answer", _answer(guests[0]))] if method == "REPLY" and guests else [("With", _guests(guests))]),
    ]
    told = [f"{label}: {value}" for label, value in rows if value]
    description = _paragraphs(one.get("DESCRIPTION"))
    return "\n".join(told) + (f"\n\n{description}" if description else "")


def _lines(text: str) -> Iterator[_Line]:
    """Content lines unfolded (3.1)."""
    pending = ""
    for count, raw in enumerate(clean_text(text).split("\n")):
        if count >= _MAX_LINES:
            break
        if raw[:1] in (" ", "\t"):
            pending += raw[1:] if len(pending) < 4000 else ""
            continue
        yield from _line(pending)
        pending = raw
    yield from _line(pending)


def _line(raw: str) -> Iterator[_Line]:
    """`NAME;PARAMETER="value":value`: the first colon outside quotes ends the parameters (3.2)."""
    pieces = raw[:4000].split('"')
    for place in range(0, len(pieces), 2):
        before, colon, after = pieces[place].partition(":")
        if colon:
            head = '"'.join([*pieces[:place], before])
            value = '"'.join([after, *pieces[place + 1 :]])
            name, *given = _split_outside_quotes(head)
            pairs = (item.partition("=") for item in given)
            yield _Line(name.upper(), {key.upper(): text.strip('"') for key, _, text in pairs}, value)
            return


def _split_outside_quotes(head: str) -> list[str]:
    pieces = head.split('"')
    for place in range(0, len(pieces), 2):
        pieces[place] = pieces[place].replace(";", "\x00")
    return '"'.join(pieces).split("\x00")


def _first_component(lines: Iterator[_Line]) -> Iterator[_Line]:
    """METHOD and the lines of the first event or task, without what nests in it (alarms)."""
    inside, nested = "", 0
    for line in lines:
        if not inside and line.name == "METHOD":
            yield line
        elif not inside and line.name == "BEGIN" and line.value.strip().upper() in _COMPONENTS:
            inside = line.value.strip().upper()
        elif inside and line.name == "BEGIN":
            nested += 1
        elif inside and line.name == "END":
            if not nested:
                return
            nested -= 1
        elif inside and not nested:
            yield line


def _text(line: _Line | None) -> str:
    return clean_line(_unescaped(line.value))[:500] if line else ""


def _paragraphs(line: _Line | None) -> str:
    return clean_text(_unescaped(line.value)).strip()[:4000] if line else ""


def _unescaped(value: str) -> str:
    return _ESCAPED.sub(lambda match: "\n" if match.group(1) in "nN" else match.group(1), value)


def _when(one: dict[str, _Line]) -> str:
    start, end = _stamp(one.get("DTSTART")), _stamp(one.get("DTEND") or one.get("DUE"))
    if not start:
        return f"until {end}" if end else ""
    zone = one["DTSTART"].parameters.get("TZID", "")
    day = start[:10]
    shown = end.removeprefix(day).strip() if end.startswith(day) else end
    until = f" – {shown}" if shown and end != start else ""
    return clean_line(f"{start}{until}{f' ({zone})' if zone else ''}")


def _stamp(line: _Line | None) -> str:
    match = _STAMP.match(line.value.strip()) if line else None
    if not match:
        return ""
    year, month, day, hour, minute, universal = match.groups()
    time = f" {hour}:{minute}{' UTC' if universal else ''}" if hour else ""
    return f"{year}-{month}-{day}{time}"


def _repeats(line: _Line | None) -> str:
    match = re.search(r"FREQ=([A-Z]{3,10})", line.value[:500]) if line else None
    return match.group(1).lower() if match else ""


def _person(line: _Line | None) -> str:
    if line is None:
        return ""
    address = clean_line(re.sub(r"^mailto:", "", line.value.strip(), flags=re.IGNORECASE))[:320]
    name = clean_line(line.parameters.get("CN", ""))[:200]
    return f"{name} <{address}>" if name and name != address else address


def _guests(lines: list[_Line]) -> str:
    more = f" and {len(lines) - _MAX_GUESTS} more" if len(lines) > _MAX_GUESTS else ""
    return ", ".join(_person(line) for line in lines[:_MAX_GUESTS]) + more


def _answer(line: _Line) -> str:
    said = _SAID.get(line.parameters.get("PARTSTAT", "").upper(), "has not decided")
    return f"{_person(line)} {said}"
