"""Files that hold more than themselves: winmail.dat is opened, invitations and sealed containers are told in words."""

from collections.abc import Iterable, Sequence

from maild.mail.calendar_text import calendar_text
from maild.mail.files import found_file
from maild.mail.model import Attachment
from maild.mail.structure import Part
from maild.mail.tnef import Tnef, open_tnef

_TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_CALENDAR = frozenset({"text/calendar", "application/ics"})
_PKCS7 = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_MAX_OPENED = 5


def unpacked(files: list[Attachment]) -> tuple[list[Attachment], Tnef | None]:
    """The files with each winmail.dat replaced by what it holds, and the first of these; unreadable ones stay."""
    out: list[Attachment] = []
    first: Tnef | None = None
    opened = 0
    for file in files:
        found = open_tnef(file.content) if _is_tnef(file) and opened < _MAX_OPENED else None
        if found is None:
            out.append(file)
            continue
        opened += 1
        first = first or found
        out += [found_file(item.name, item.content, item.content_type, item.content_id) for item in found.files]
    return out, first


def _is_tnef(file: Attachment) -> bool:
    return file.content_type in _TNEF or file.name.lower() == "winmail.dat"


def notes_on(parts: Sequence[Part], files: Iterable[Attachment], *, says_something: bool) -> str:
    """What a reader of the text should know of the files; of a sealed container only where nothing else is said."""
    invitation = next((file for file in files if file.content_type in _CALENDAR), None)
    if invitation is not None:
        return calendar_text(invitation.content, _charset(parts))
    return "" if says_something else _sealed(parts)


def _charset(parts: Iterable[Part]) -> str | None:
    return next((part.type_parameters.get("charset") for part in parts if part.content_type in _CALENDAR), None)


def _sealed(parts: Iterable[Part]) -> str:
    """S/MIME (RFC 8551 3.2) and PGP/MIME (RFC 3156): kept whole, nothing is opened here."""
    for part in parts:
        if part.content_type in _PKCS7:
            signed = "signed" in part.type_parameters.get("smime-type", "").lower()
            return (
                f"[This mail is {'signed' if signed else 'encrypted'} (S/MIME): what it says is in the attached file.]"
            )
        if part.content_type == "application/pgp-encrypted":
            return "[This mail is encrypted (PGP): what it says is in the attached file.]"
    return ""
