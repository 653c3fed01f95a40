"""An address as it goes over the wire: the domain in its ASCII form (RFC 5890), the local part untouched."""

import re
import unicodedata

from maild.errors import PermanentError

_LOCAL_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\Z")
_LOCAL_QUOTED = re.compile(r'"(?:[^"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])*"\Z')
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}\Z")
_LITERAL = re.compile(r"\[[A-Za-z0-9:.]{2,60}\]\Z")
# IDNA 2003, which Python has, would fold these letters into somebody else's domain (RFC 5894 7.2).
_DEVIANT = re.compile("[ßς\u200c\u200d]")


def wire_address(address: str) -> str:
    """The address in ASCII only, or PermanentError in words for people."""
    local, domain = split_address(address)
    if not local.isascii():
        raise PermanentError(f"{address}: the part before the @ is not ASCII: only SMTPUTF8 carries it (RFC 6531)")
    return f"{local}@{ascii_domain(domain)}"


def split_address(address: str) -> tuple[str, str]:
    """Local part (quoted where it has to be) and domain as written."""
    local, at, domain = address.rpartition("@")
    if not at or not local or not domain or len(address) > 320 or not address.isprintable():
        raise PermanentError(f"{address!r} is not a mail address")
    return _quoted_local(local), domain


def _quoted_local(local: str) -> str:
    if _LOCAL_ATOMS.match(local) or _LOCAL_QUOTED.match(local):
        return local
    if not local.isascii() and not re.search(r'[\s"\\<>(),:;@]', local):
        return local
    return '"' + re.sub(r'(["\\])', r"\\\1", local) + '"'


def ascii_domain(domain: str) -> str:
    """`straße.example` as `xn--strae-oqa.example`; ASCII stays as it is."""
    if not domain.isascii():
        try:
            domain = ".".join(_ascii_label(label) for label in domain.split("."))
        except UnicodeError:
            raise PermanentError(f"{domain!r} is not a domain name") from None
    if len(domain) <= 255 and (_LITERAL.match(domain) or all(map(_LABEL.match, domain.split(".")))):
        return domain
    raise PermanentError(f"{domain!r} is not a domain name")


def _ascii_label(label: str) -> str:
    if _DEVIANT.search(label):
        return "xn--" + unicodedata.normalize("NFC", label.lower()).encode("punycode").decode("ascii")
    return label.encode("idna").decode("ascii")
