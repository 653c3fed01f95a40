"""What MAIL and RCPT may say (RFC 5321 4.1.1.2, 4.1.1.3), before the desk is asked about the addresses."""

from collections.abc import Callable
from dataclasses import dataclass

from maild.intake import smtp_replies as replies
from maild.intake.smtp_paths import is_recipient_form, is_sender_form, parse_path
from maild.intake.smtp_replies import Reply

MAX_SIZE_DIGITS = 20


@dataclass(frozen=True, slots=True)
class Offer:
    """What this session has offered to its client."""

    extended: bool
    auth: bool
    smtputf8: bool
    max_message_bytes: int


@dataclass(frozen=True, slots=True)
class Sender:
    """An acceptable reverse-path; `""` is the null sender."""

    address: str
    smtputf8: bool


def sender_of(argument: str | None, offer: Offer) -> Sender | Reply:
    """The sender of `FROM:<…> …`, or why not."""
    path = parse_path(argument, "FROM:")
    if path is None:
        return replies.MAIL_SYNTAX
    if not is_sender_form(path.address):
        return replies.BAD_SENDER
    refusal = _parameter_refusal(path.parameters, offer)
    if refusal is not None:
        return refusal
    smtputf8 = "SMTPUTF8" in path.parameters
    return Sender(path.address, smtputf8) if smtputf8 or path.address.isascii() else replies.NEEDS_SMTPUTF8


def recipient_of(argument: str | None, sender: Sender) -> str | Reply:
    """The recipient of `TO:<…>`, or why not. A form that only relays understand is simply no address here."""
    path = parse_path(argument, "TO:")
    if path is None or not path.address:
        return replies.RCPT_SYNTAX
    if path.parameters:
        return replies.PARAMETER_UNKNOWN
    if not is_recipient_form(path.address):
        return replies.UNKNOWN_RECIPIENT
    return path.address if sender.smtputf8 or path.address.isascii() else replies.NEEDS_SMTPUTF8


def _parameter_refusal(parameters: dict[str, str | None], offer: Offer) -> Reply | None:
    if parameters and not offer.extended:
        return replies.PARAMETER_UNKNOWN
    found = (_PARAMETERS.get(key, _unknown)(value, offer) for key, value in parameters.items())
    return next((refusal for refusal in found if refusal is not None), None)


def _size(value: str | None, offer: Offer) -> Reply | None:
    """RFC 1870 5: what is declared too large need not be sent at all."""
    if value is None or not (value.isascii() and value.isdigit()) or len(value) > MAX_SIZE_DIGITS:
        return replies.PARAMETER_SYNTAX
    return replies.TOO_LARGE if int(value) > offer.max_message_bytes else None


def _body(value: str | None, _offer: Offer) -> Reply | None:
    return None if value is not None and value.upper() in {"7BIT", "8BITMIME"} else replies.PARAMETER_SYNTAX


def _smtputf8(value: str | None, offer: Offer) -> Reply | None:
    if not offer.smtputf8:
        return replies.PARAMETER_UNKNOWN
    return None if value is None else replies.PARAMETER_SYNTAX


def _auth(value: str | None, offer: Offer) -> Reply | None:
    """RFC 4954 5: to be accepted where AUTH is offered; we believe none of it."""
    if not offer.auth:
        return replies.PARAMETER_UNKNOWN
    return None if value is not None else replies.PARAMETER_SYNTAX


def _unknown(_value: str | None, _offer: Offer) -> Reply | None:
    return replies.PARAMETER_UNKNOWN


_PARAMETERS: dict[str, Callable[[str | None, Offer], Reply | None]] = {
    "SIZE": _size,
    "BODY": _body,
    "SMTPUTF8": _smtputf8,
    "AUTH": _auth,
}
