"""What may go into an IMAP command and what may be told of an answer; the parts of the adapter without a line."""

from datetime import UTC, datetime

from maild.errors import PermanentError
from maild.intake.imap_account import After, ImapAccount
from maild.intake.imap_session import LoginRefusedError

ATOM_SPECIALS = frozenset('(){%*"\\] ')
NOT_NOW = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]", "[CONTACTADMIN]")
QUOTING = ("unexpected response", "unterminated line", "unexpected tagged response")


def refuse_breaks(account: ImapAccount) -> None:
    """No argument may end a command and begin another: the library sends CR and LF as they are (RELIABILITY C5)."""
    texts = (account.username, account.password, account.folder, account.move_to, account.flag)
    if any(set("\r\n\0") & set(text or "") for text in texts):
        raise PermanentError("IMAP user name, password, folder and flag must be without line breaks and NUL")
    mark = account.flag.removeprefix("\\")
    if not mark or not mark.isascii() or not mark.isprintable() or ATOM_SPECIALS & set(mark):
        raise PermanentError(f"{account.flag!r} can't be an IMAP flag")
    if account.after is After.MOVE and not account.move_to:
        raise PermanentError("after = move wants a folder to move to")


def fits_login(username: str, password: str) -> bool:
    """LOGIN leaves the user name unquoted and knows ASCII only; AUTHENTICATE PLAIN takes everything (RFC 4616)."""
    return f"{username}{password}".isascii() and bool(username) and not ATOM_SPECIALS & set(username)


class Xoauth2:
    """Says the token once; the error that a server sends as a second challenge wants an empty answer."""

    def __init__(self, username: str, token: str) -> None:
        self._answers = [f"user={username}\1auth=Bearer {token}\1\1"]

    def __call__(self, _challenge: bytes) -> str:
        return self._answers.pop() if self._answers else ""


def login_error(said: str) -> LoginRefusedError:
    if any(code in said.upper() for code in NOT_NOW):
        return LoginRefusedError(f"the server takes no login at the moment: {said}")
    return LoginRefusedError(f"the server refused the login, check user name and password or token: {said}")


def words(error: Exception) -> str:
    """One short printable line; where the library quotes what it could not read, that may be a mail: cut away."""
    text = str(error) or type(error).__name__
    for quoting in QUOTING:
        text = text.partition(quoting)[0] + quoting if quoting in text else text
    return "".join(char if char.isprintable() else " " for char in text[:200])


def aware(moment: object) -> datetime | None:
    """INTERNALDATE in UTC; None when there is none that a calendar knows."""
    if not isinstance(moment, datetime):
        return None
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
