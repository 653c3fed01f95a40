"""A list or Google Group in front of the desk marks every customer's mail: its marks say nothing (SPEC UN-4)."""

from maild.mail.model import InboundMail
from maild.records import replace


def without_list_marks(mail: InboundMail, own_lists: frozenset[str]) -> InboundMail:
    """The mail as if it had not come by our own list; a robot's own mark (Auto-Submitted) stays."""
    if mail.bulk and any(name in own_lists for name in mail.lists):
        return replace(mail, bulk=False)
    return mail
