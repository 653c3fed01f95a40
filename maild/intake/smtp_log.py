"""One line for each decision, `event key=value …`: addresses and codes, never mail text, passwords or error texts."""

import logging
import re
import traceback

log = logging.getLogger("maild.smtp")
MAX_VALUE = 200
_NEEDS_QUOTES = re.compile('[ "=]')


def note(event: str, **fields: object) -> None:
    """A decision that went as it should, also a refusal."""
    log.info("%s", _line(event, fields))


def alarm(event: str, **fields: object) -> None:
    """Something on our side that an admin should look at."""
    log.warning("%s", _line(event, fields))


def where(error: BaseException) -> str:
    """Kind and place of an error. Its text stays out: it may hold a password or a piece of mail."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"@{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return type(error).__name__ + place


def _line(event: str, fields: dict[str, object]) -> str:
    return " ".join([event, *(f"{key}={_value(value)}" for key, value in fields.items() if value is not None)])


def _value(value: object) -> str:
    text = str(value)[:MAX_VALUE]
    return text if text and text.isprintable() and not _NEEDS_QUOTES.search(text) else ascii(text)
