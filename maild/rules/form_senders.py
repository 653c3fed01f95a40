"""Contact forms and shops write in a customer's name: he stands in Reply-To or in a field of the text (SPEC UN-4b)."""

import re
from dataclasses import dataclass

from maild.mail.addresses import lower
from maild.mail.model import InboundMail, Kind, Mailbox
from maild.records import replace

LOOKED_AT = 8192
ADDRESS = re.compile(r"[A-Za-z0-9._%+'=&/!#$*?^`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}\.[A-Za-z]{2,63}")


@dataclass(frozen=True, slots=True)
class FormSender:
    """`sender`: an address or a domain. `field`: the word before the customer's address in the text; None: Reply-To."""

    sender: str
    field: str | None = None
    name_field: str | None = None

    def wrote(self, mail: InboundMail) -> bool:
        """True when this form wrote the mail."""
        if mail.author is None:
            return False
        return lower(self.sender) in (mail.author.address, mail.author.address.rpartition("@")[2])

    def customer(self, mail: InboundMail) -> Mailbox | None:
        """Whom the form speaks for, when he can be found."""
        if self.field is None:
            return mail.reply_to[0] if len(mail.reply_to) == 1 else None
        address = ADDRESS.search(_value(mail.text, self.field))
        if address is None:
            return None
        name = _value(mail.text, self.name_field) if self.name_field else ""
        return Mailbox(lower(address.group()), "" if "@" in name else name[:200])


def _value(text: str, field: str) -> str:
    """What stands behind `Field:` on a line of its own; Markdown stars and table bars around it don't matter."""
    found = re.search(
        rf"(?im)^[\s*|_>-]{{0,10}}{re.escape(field)}[\s*|_]{{0,10}}[:|][\s*|_]{{0,10}}(.{{0,300}})$", text[:LOOKED_AT]
    )
    return found[1].strip(" *|_") if found else ""


def as_the_customer(mail: InboundMail, forms: tuple[FormSender, ...]) -> InboundMail:
    """The mail as if the customer had written it himself; unchanged when no form did, or nobody can be found."""
    form = next((each for each in forms if each.wrote(mail)), None)
    customer = form.customer(mail) if form else None
    if customer is None or mail.kind not in (Kind.NORMAL, Kind.AUTO_REPLY):
        return mail
    return replace(
        mail,
        author=customer,
        kind=Kind.NORMAL,
        kind_because="written by a contact form for a customer",
        auto_submitted=False,
        bulk=False,
        authentication=(),
    )
