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
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE | re.DOTALL)
# Types without a clear entry in the system's table, or where that differs from one system to the next.
_ENDINGS = {
    "message/rfc822": ".eml", "message/global": ".eml", "text/rfc822-headers": ".txt", "text/plain": ".txt",
    "text/html": ".html", "text/calendar": ".ics", "text/csv": ".csv", "text/vcard": ".vcf", "text/x-vcard": ".vcf",
    "application/pdf": ".pdf", "application/zip": ".zip", "application/ms-tnef": ".dat", "application/gzip": ".gz",
    "application/pgp-signature": ".asc", "application/pgp-encrypted": ".asc", "application/pgp-keys": ".asc",
    "application/pkcs7-signature": ".p7s", "application/x-pkcs7-signature": ".p7s", "application/rtf": ".rtf",
    "application/pkcs7-mime": ".p7m", "application/x-pkcs7-mime": ".p7m", "image/jpeg": ".jpg", "image/png": ".png",
    "image/gif": ".gif", "image/tiff": ".tif", "audio/mpeg": ".mp3", "message/delivery-status": ".txt",
    "message/disposition-notification": ".txt", "message/feedback-report": ".txt", "text/enriched": ".txt",
}  # fmt: skip


def attachment(part: Part, source: bytes, number: int, limits: Limits) -> Attachment:
    """One part as a file; `number` names it when it brings no name of its own."""
    content = part.content(source)
    content_id = clean_line(part.headers.first("content-id")).strip("<> ") or None
    inline = part.disposition == "inline" or (content_id is not None and part.disposition != "attachment")
    return Attachment(_name(part, content, number, limits), part.content_type, content, inline, content_id)


def given_name(part: Part) -> str:
    """The name as the sender wrote it, decoded (RFC 2231, or RFC 2047 words that clients wrongly put there)."""
    raw = part.disposition_parameters.get("filename") or part.type_parameters.get("name") or ""
    return clean_line(decode_words(raw))


def _name(part: Part, content: bytes, number: int, limits: Limits) -> str:
    name = safe_name(given_name(part))
    if name:
        return name
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
