"""DKIM-Signature fields and key records, read strictly: what may prove a From, and why not (RFC 6376, RFC 8301).

Whatever is odd proves nothing. The header is split anew, more strictly than for reading, since the bytes that were
signed count here: a header that two programs could split in two ways is refused as a whole.
"""

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product

_HEADER_BYTES = 256 * 1024
_MOST_FIELDS = 1000
_FIELD_BYTES = 4096
_MOST_NAMES = 100
_KEY_BYTES = 2048
_LONGEST_KEY = 800  # base64 of RSA with 4096 bits: larger ones cost time and RFC 8301 3.2 asks for no more
_END = re.compile(rb"\n\r?\n")
_NAME = re.compile(rb"([!-9;-~]{1,200}):")
_TAG = re.compile(rb"[A-Za-z][A-Za-z0-9_]{0,30}\Z")
_DOMAIN = re.compile(rb"[A-Za-z0-9_][A-Za-z0-9_.-]{0,251}[A-Za-z0-9_]\Z|[A-Za-z0-9_]\Z")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{1,4000}={0,2}\Z")
_TIME = re.compile(rb"[0-9]{1,12}\Z")
# dkimpy looks at a signature with expressions that take time in the square of a run of blanks.
_LONG_BLANKS = re.compile(rb"\s{65}")
KEY_KINDS = {b"rsa-sha256": b"rsa", b"ed25519-sha256": b"ed25519"}
_FORMS_OF_TEXT = (b"simple", b"relaxed")
_CANONICAL = (None, *_FORMS_OF_TEXT, *(b"/".join(pair) for pair in product(_FORMS_OF_TEXT, repeat=2)))
# What makes a mail this mail: unsigned, it could be sent again as another one.
_ALWAYS_SIGNED = ("from", "subject", "date", "message-id")
# Where one is signed, a second one beside it was added by somebody else (RFC 6376 8.15).
_NEVER_ADDED = (
    "to", "cc", "reply-to", "sender", "in-reply-to", "references",
    "mime-version", "content-type", "content-transfer-encoding",
)  # fmt: skip

RawField = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class RawMail:
    """Fields as they were signed, folded and each with its CRLF; the body follows at `body_start`."""

    fields: tuple[RawField, ...]
    body_start: int

    def all(self, name: bytes) -> list[RawField]:
        """The fields of this name (lower case), topmost first."""
        return [each for each in self.fields if each[0].lower() == name]


@dataclass(frozen=True, slots=True)
class Signature:
    """One readable DKIM-Signature; `identity` is the domain of i=."""

    domain: str
    selector: str
    signed: tuple[str, ...]
    body_hash: bytes
    relaxed_body: bool
    key_kind: bytes
    identity: str
    raw: RawField = field(repr=False)
    tags: dict[bytes, bytes] = field(repr=False)


def raw_mail(source: bytes) -> RawMail | None:
    """The header split into its fields; None when any line of it could be read in two ways."""
    end = _END.search(source, 0, _HEADER_BYTES)
    if end is None:
        return None
    block = source[: end.start()].removesuffix(b"\r").replace(b"\r\n", b"\n")
    if b"\r" in block or b"\x00" in block:
        return None
    fields: list[list[bytes]] = []
    for line in block.split(b"\n"):
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1].append(line)
            continue
        found = _NAME.match(line)
        if found is None or len(fields) >= _MOST_FIELDS:
            return None
        fields.append([found.group(1), line[found.end() :]])
    return RawMail(tuple((name, b"\r\n".join([*lines, b""])) for name, *lines in fields), end.end())


def tag_list(text: bytes) -> dict[bytes, bytes] | None:
    """`a=b; c=d` (RFC 6376 3.2); None for a doubled or broken tag."""
    tags: dict[bytes, bytes] = {}
    pieces = text.strip().split(b";")
    for piece in pieces[:-1] if not pieces[-1].strip() else pieces:
        name, equals, value = piece.partition(b"=")
        name = name.strip()
        if not equals or not _TAG.match(name) or name in tags:
            return None
        tags[name] = value.strip()
    return tags


def read_signature(raw: RawField) -> Signature | str:
    """The signature, or in words why it proves nothing whatever the key says."""
    if len(raw[1]) > _FIELD_BYTES or _LONG_BLANKS.search(raw[1]):
        return "a signature field is longer than any mail program writes"
    tags = tag_list(raw[1])
    if tags is None:
        return "a signature field cannot be read"
    wrong = next((words for name, allows, words in _FORMS if not allows(tags.get(name))), None)
    return wrong or _signature(raw, tags)


def _signature(raw: RawField, tags: dict[bytes, bytes]) -> Signature | str:
    domain = tags[b"d"].lower().decode("ascii")
    identity = tags.get(b"i", b"@" + tags[b"d"]).lower().rpartition(b"@")[2].decode("ascii", "replace")
    if identity != domain and not identity.endswith(f".{domain}"):
        return "its i= is outside of its d="
    names = tuple(name.strip().lower().decode("ascii", "replace") for name in tags[b"h"].split(b":"))
    if "from" not in names or len(names) > _MOST_NAMES:
        return "it does not sign From"
    return Signature(
        domain=domain,
        selector=tags[b"s"].lower().decode("ascii"),
        signed=names,
        body_hash=_without_blanks(tags[b"bh"]),
        relaxed_body=tags.get(b"c", b"").endswith(b"/relaxed"),
        key_kind=KEY_KINDS[tags[b"a"]],
        identity=identity,
        raw=raw,
        tags=tags,
    )


def _without_blanks(value: bytes) -> bytes:
    return b"".join(value.split())


def _is_base64(value: bytes | None) -> bool:
    return value is not None and _BASE64.match(_without_blanks(value)) is not None


def _is_domain(value: bytes | None) -> bool:
    return value is not None and _DOMAIN.match(value) is not None and b".." not in value


def _is_time_or_absent(value: bytes | None) -> bool:
    return value is None or _TIME.match(value) is not None


_FORMS: tuple[tuple[bytes, Callable[[bytes | None], object], str], ...] = (
    (b"v", lambda value: value == b"1", "its v= is not 1"),
    (b"a", lambda value: value in KEY_KINDS, "its a= is neither rsa-sha256 nor ed25519-sha256"),
    (b"d", _is_domain, "its d= is no domain"),
    (b"s", _is_domain, "its s= is no selector"),
    (b"h", bool, "its h= is missing"),
    (b"b", _is_base64, "its b= is no base64"),
    (b"bh", _is_base64, "its bh= is no base64"),
    (b"c", lambda value: value in _CANONICAL, "its c= is unknown"),
    (b"l", lambda value: value is None, "it signs only a part of the text (l=)"),
    (b"q", lambda value: value in (None, b"dns/txt"), "its q= is unknown"),
    (b"t", _is_time_or_absent, "its t= is no time"),
    (b"x", _is_time_or_absent, "its x= is no time"),
)


def why_not(signature: Signature, mail: RawMail, now: datetime) -> str | None:
    """Words when the signature is too old, or leaves open what somebody could have changed."""
    expires = signature.tags.get(b"x")
    if expires is not None and int(expires) < now.timestamp():
        return "it has expired (x=)"
    signed = Counter(signature.signed)
    present = Counter(name.lower().decode("ascii", "replace") for name, _ in mail.fields)
    unsigned = [name for name in _ALWAYS_SIGNED if present[name] > signed[name]]
    unsigned += [name for name in _NEVER_ADDED if signed[name] and present[name] > signed[name]]
    return f"it leaves {unsigned[0]} open to change" if unsigned else None


def body_digest(body: bytes, *, relaxed: bool) -> bytes:
    """SHA-256 of the canonical body in base64, in linear time (RFC 6376 3.4.3, 3.4.4)."""
    text = body.replace(b"\r\n", b"\n")
    if relaxed:
        text = _one_blank_each(text).replace(b" \n", b"\n").removesuffix(b" ")
    text = text.rstrip(b"\n")
    ending = b"" if relaxed and not text else b"\r\n"
    return base64.b64encode(hashlib.sha256(text.replace(b"\n", b"\r\n") + ending).digest())


def _one_blank_each(text: bytes) -> bytes:
    """Every pass halves each run of blanks; on a large file that is much quicker than an expression."""
    text = text.replace(b"\t", b" ")
    while b"  " in text:
        text = text.replace(b"  ", b" ")
    return text


def usable_key(records: Iterable[bytes], signature: Signature) -> tuple[bytes | None, str]:
    """The one key record that may verify this signature, or None and why (RFC 6376 3.6.1)."""
    read = ((record, tag_list(record)) for record in records if len(record) <= _KEY_BYTES)
    keys = [(record, tags) for record, tags in read if tags and b"p" in tags]
    if len(keys) != 1:
        return None, "there is no key" if not keys else "there is more than one key"
    record, tags = keys[0]
    flags = _listed(tags.get(b"t", b""))
    problems = (
        (tags.get(b"v", b"DKIM1") != b"DKIM1", "the key is no DKIM1 key"),
        (tags.get(b"k", b"rsa") != signature.key_kind, "the key is of another kind"),
        (not tags[b"p"], "the key is revoked"),
        (len(_without_blanks(tags[b"p"])) > _LONGEST_KEY, "the key is too long"),
        (b"h" in tags and b"sha256" not in _listed(tags[b"h"]), "the key is not for sha256"),
        (b"s" in tags and not _listed(tags[b"s"]) & {b"*", b"email"}, "the key is not for mail"),
        (b"y" in flags, "the key is only on trial (t=y)"),
        (b"s" in flags and signature.identity != signature.domain, "the key is not for sub-domains (t=s)"),
    )
    words = next((words for is_so, words in problems if is_so), "")
    return (None, words) if words else (record, "")


def _listed(value: bytes) -> set[bytes]:
    return {each.strip() for each in value.split(b":")}
