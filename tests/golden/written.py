"""A mail as it is kept to be read: the fields that matter, then the text; what differs from run to run is one word."""

import re
from pathlib import Path

from maild.mail.headers import decode_words
from maild.mail.tokens import FOUND
from tests.desk_driver import Sent

FOLDER = Path(__file__).parent / "mails"
FIELDS = ("To", "Cc", "Subject", "From", "Reply-To", "Auto-Submitted", "X-Maild-Event")
ENCODED_PLUS = re.compile(r"%2B[a-z2-7]{20,40}@")


def kept(mails: list[Sent]) -> dict[str, str]:
    """File name → mail, in the order in which they left; a mail to several is one."""
    once = {mail["Message-ID"]: mail for mail in mails}
    return {name_of(place, mail): written(mail) for place, mail in enumerate(once.values(), 1)}


def name_of(place: int, mail: Sent) -> str:
    """`07-jane-answer.txt`."""
    to = mail["To"].rpartition("<")[2].partition("@")[0]
    return f"{place:02}-{to}-{mail.event}.txt"


def written(mail: Sent) -> str:
    """The head and the text, without tokens."""
    head = [f"{name}: {decode_words(mail[name])}" for name in FIELDS if mail[name]]
    whole = "\n".join([*head, "", mail.text.replace("\r\n", "\n")])
    return ENCODED_PLUS.sub("%2BTOKEN@", FOUND.sub("TOKEN", whole))


def on_disk() -> dict[str, str]:
    """What was kept when somebody read it last."""
    return {path.name: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.txt"))}


def rewrite(mails: dict[str, str]) -> list[str]:
    """Keeps these instead; gives the names that changed."""
    old = on_disk()
    for name in old.keys() - mails.keys():
        (FOLDER / name).unlink()
    for name, text in mails.items():
        (FOLDER / name).write_text(text, "utf-8")
    return sorted(name for name in old.keys() | mails.keys() if old.get(name) != mails.get(name))
