"""Authentication-Results fields that a trusted server may have written (RFC 8601, RELIABILITY A7).

A sender can write such a field too. Ours stand on top: a field counts only while every Received above it was written
by the server that the field names, and of two fields of one server on one method the upper one counts alone. Whether
that server is trusted is the desk's question.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from maild.mail.headers import strip_comments
from maild.mail.model import AuthenticationResult

_MAX_FIELDS = 50
_BY = re.compile(r"(?:^|\s)by\s+([^\s;()]{1,255})", re.IGNORECASE)
_ID = re.compile(r"([^\s;=\"]{1,255})(?:\s+[0-9]{1,5})?")
_METHOD = re.compile(r"([a-z][a-z0-9-]{0,40})(?:\s*/\s*[0-9]{1,5})?\s*=\s*([a-z]{1,20})(?:\s|$)")
_PROPERTY = re.compile(r"([a-z]{1,40}\.[a-z0-9_-]{1,60})\s*=\s*(\"[^\"]{0,500}\"|[^\s\"]{1,500})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CheckedHere(AuthenticationResult):
    """What maild found out itself about the From `address` of a mail; `words` say it to people.

    Its type is the proof of its origin: no reader of mails makes one, so nothing that a sender writes becomes one.
    """

    address: str = ""
    words: str = ""


def authentication_results(fields: Iterable[tuple[str, str]]) -> tuple[AuthenticationResult, ...]:
    """All results that may count, from the whole header in its order."""
    found: list[AuthenticationResult] = []
    seen = 0
    passed_by: set[str] = set()
    told: set[tuple[str, str]] = set()
    for name, value in fields:
        if name == "received":
            passed_by.add(_received_by(value))
        elif name == "authentication-results" and seen < _MAX_FIELDS:
            seen += 1
            results = _results(value)
            if results and passed_by <= {results[0].authserv_id}:
                found += [each for each in results if (each.authserv_id, each.method) not in told]
                told |= {(each.authserv_id, each.method) for each in results}
    return tuple(found)


def _received_by(value: str) -> str:
    match = _BY.search(strip_comments(value))
    return match.group(1).rstrip(".").lower() if match else ""


def _results(value: str) -> list[AuthenticationResult]:
    """One field's results; a field that breaks the grammar anywhere gives none."""
    clean = strip_comments(value)
    if clean.count('"') % 2 or "\x00" in clean:
        return []
    head, *clauses = _split(clean)
    server = _ID.fullmatch(head.strip())
    if not server:
        return []
    found: list[AuthenticationResult] = []
    for clause in clauses:
        text = clause.strip()
        if not text or text.lower() == "none":
            continue
        method = _METHOD.match(text.lower())
        if not method:
            return []
        found.append(
            AuthenticationResult(
                server.group(1).rstrip(".").lower(), method.group(1), method.group(2), _properties(text[method.end() :])
            )
        )
    return found


def _split(text: str) -> list[str]:
    """At semicolons outside quotes."""
    pieces = text.split('"')
    for place in range(0, len(pieces), 2):
        pieces[place] = pieces[place].replace(";", "\x00")
    return '"'.join(pieces).split("\x00")


def _properties(text: str) -> tuple[tuple[str, str], ...]:
    pairs = _PROPERTY.findall(text)
    return tuple((name.lower(), value.strip('"')) for name, value in pairs[:20])
