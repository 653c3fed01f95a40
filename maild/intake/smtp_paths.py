"""The arguments of MAIL and RCPT (RFC 5321 4.1.2): one mailbox in angle brackets, then parameters."""

from dataclasses import dataclass, field
from string import ascii_letters, digits

# `%` and `!` are letters of RFC 5322 atoms, but in a recipient they once meant "send it on from there": no relay.
_ATOM = frozenset(ascii_letters + digits + "#$&'*+-/=?^_`{|}~")
_LABEL = frozenset(ascii_letters + digits + "-_")
MAX_ADDRESS = 320
MAX_LABEL = 63


@dataclass(frozen=True, slots=True)
class Path:
    """What stood between the brackets, and the parameters behind them in upper-case keys (RFC 5321 4.1.1.11)."""

    address: str
    parameters: dict[str, str | None] = field(default_factory=dict)


def parse_path(argument: str | None, keyword: str) -> Path | None:
    """`FROM:<a@b> SIZE=9` → `Path("a@b", {"SIZE": "9"})`; None when it is not of that form."""
    if argument is None or argument[: len(keyword)].upper() != keyword:
        return None
    rest = argument[len(keyword) :].lstrip(" ")
    end = _closing_bracket(rest)
    if end is None:
        return None
    tail = rest[end + 1 :]
    if tail and not tail.startswith(" "):
        return None
    parameters = _parameters(tail.split())
    return None if parameters is None else Path(rest[1:end], parameters)


def _closing_bracket(text: str) -> int | None:
    """Where the path ends; a `>` inside a quoted local part does not end it."""
    if not text.startswith("<"):
        return None
    local_end = text.find('"@') if text.startswith('<"') else 0
    end = text.find(">", local_end) if local_end >= 0 else -1
    return end if end > 0 else None


def _parameters(words: list[str]) -> dict[str, str | None] | None:
    found: dict[str, str | None] = {}
    for word in words:
        key, equals, value = word.partition("=")
        key = key.upper()
        if not key.replace("-", "").isalnum() or key in found or (equals and not value):
            return None
        found[key] = value if equals else None
    return found


def is_domain(domain: str) -> bool:
    """Labels of letters, digits, hyphens; non-ASCII letters are left to IDNA. No trailing dot, no empty label."""
    labels = domain.split(".")
    return all(labels) and max(map(len, labels)) <= MAX_LABEL and _all_of("".join(labels), _LABEL)


def is_recipient_form(address: str) -> bool:
    """True for a plain dot-atom at a domain, and for `postmaster` alone (RFC 5321 4.5.1).

    Source routes, quoted local parts, `%` and `!` are false: they are how open relays are looked for.
    """
    if address.lower() == "postmaster":
        return True
    local, at, domain = address.rpartition("@")
    atoms = local.split(".")
    return (
        len(address) <= MAX_ADDRESS and bool(at) and is_domain(domain) and all(atoms) and _all_of("".join(atoms), _ATOM)
    )


def is_sender_form(address: str) -> bool:
    """True for the null sender and for whatever mailbox can be written down safely.

    Real senders break the atom rules (`jane..doe.@docomo.test`); an answer to them still arrives, so they pass.
    """
    if not address:
        return True
    local, at, domain = address.rpartition("@")
    plain = local.isprintable() and not set(local) & set(' <>@"')
    return len(address) <= MAX_ADDRESS and bool(at and local) and _is_host(domain) and (plain or _is_quoted(local))


def _is_host(domain: str) -> bool:
    literal = domain.startswith("[") and domain.endswith("]")
    return _all_of(domain[1:-1], _LABEL | set(":.")) if literal else is_domain(domain)


def _is_quoted(local: str) -> bool:
    inside = local[1:-1]
    return len(local) > 2 and local[0] == local[-1] == '"' and inside.isprintable() and '"' not in inside


def _all_of(text: str, letters: frozenset[str] | set[str]) -> bool:
    return (
        bool(text)
        and text.isprintable()
        and (letters.issuperset(text) or all(c in letters or not c.isascii() for c in text))
    )
