"""The files of a mail: decoded, with names that are safe to show and to store (RELIABILITY D11)."""

import mimetypes
import re
import unicodedata

from maild.mail.clean import clean_line, cut_bytes
from maild.mail.headers import decode_words, parse_headers
from maild.mail.model import Attachment, Limits
from maild.mail.structure import Part

_MAX_NAME = 120
_UNSAFE = re.compile(r"[\x00-\x1f<>:\"|?*\x7f]")
_TYPE = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE | re.DOTALL)
# Types without a clear entry in the system's table, or where that differs from one system to the next.
_ENDINGS = {
    "message/rfc822": ".eml", "message/global": ".eml", "text/rfc822-headers": ".txt", "text/plain": ".txt",
    "text/html": ".html", "text/calendar": ".ics", "text/csv": ".csv", "text/vcard": ".vcf", "text/x-vcard": ".vcf",
    "application/pdf": ".pdf", "application/zip": ".zip", "application/ms-tnef": ".dat", "application/gzip": ".gz",
    "application/rtf": ".rtf", "image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/tiff": ".tif",
    "audio/mpeg": ".mp3", "message/delivery-status": ".txt", "message/disposition-notification": ".txt",
    "message/feedback-report": ".txt", "text/enriched": ".txt", "application/ics": ".ics",
}  # fmt: skip
_TYPES = {ending.removeprefix("."): kind for kind, ending in _ENDINGS.items()} | {
    "eml": "message/rfc822", "txt": "text/plain", "ics": "text/calendar", "dat": "application/octet-stream",
}  # fmt: skip
# What programs call the containers of signed and encrypted mail (RFC 8551 3.2.1, RFC 3156).
_USUAL_NAMES = {
    "application/pkcs7-mime": "smime.p7m", "application/x-pkcs7-mime": "smime.p7m",
    "application/pkcs7-signature": "smime.p7s", "application/x-pkcs7-signature": "smime.p7s",
    "application/pgp-signature": "signature.asc", "application/pgp-encrypted": "version.asc",
    "application/pgp-keys": "public-key.asc", "text/calendar": "invite.ics",
}  # fmt: skip


def attachment(part: Part, source: bytes, number: int, limits: Limits) -> Attachment:
    """One part as a file; `number` names it when it brings no name of its own."""
    content = part.content(source)
    content_id = clean_line(part.headers.first("content-id")).strip("<> ") or None
    inline = part.disposition == "inline" or (content_id is not None and part.disposition != "attachment")
    return Attachment(_name(part, content, number, limits), part.content_type, content, inline, content_id)


def found_file(name: str, content: bytes, content_type: str = "", content_id: str | None = None) -> Attachment:
    """A file that stood inside something else and has only a name of its own; its type is guessed from that."""
    name = safe_name(name) or "file.bin"
    guessed = _TYPES.get(name.rpartition(".")[2].lower()) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    kind = content_type if _TYPE.fullmatch(content_type) else guessed
    return Attachment(name, kind, content, content_id is not None, clean_line(content_id) if content_id else None)


def given_name(part: Part) -> str:
    """The name as the sender wrote it, decoded (RFC 2231, or RFC 2047 words that clients wrongly put there)."""
    raw = part.disposition_parameters.get("filename") or part.type_parameters.get("name") or ""
    return clean_line(decode_words(raw))


def _name(part: Part, content: bytes, number: int, limits: Limits) -> str:
    name = safe_name(given_name(part))
    if name:
        return name
    usual = _USUAL_NAMES.get(part.content_type)
    if usual:
        return usual
    if part.within == "multipart/encrypted" and part.content_type == "application/octet-stream":
        return "encrypted.asc"
    ending = _ENDINGS.get(part.content_type) or mimetypes.guess_extension(part.content_type) or ".bin"
    if ending == ".eml":
        inner = parse_headers(content, 0, min(len(content), 65536), limits)
        subject = safe_name(cut_bytes(inner.text("subject").replace("/", "-"), 80))
        if subject:
            return subject + ending
    return f"part-{number}{ending}"


def safe_name(name: str) -> str:
    """The last step of a path, NFC, no controls or reserved names, at most 120 bytes; empty when nothing remains."""
    name = unicodedata.normalize("NFC", clean_line(name))
    name = name.replace("\\", "/").rpartition("/")[2]
    name = _UNSAFE.sub("_", name).strip(" .") if name.strip(" .") else ""
    if _RESERVED.fullmatch(name):
        name = "_" + name
    if len(name.encode()) <= _MAX_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending.encode()) > 20:
        return cut_bytes(name, _MAX_NAME)
    return cut_bytes(stem, _MAX_NAME - len(ending.encode()) - 1) + "." + ending
