"""What an outside company is told: an agent's words to it, and nothing else of the ticket (SPEC TI-7)."""

from collections.abc import Iterable

from maild.mail.tokens import TokenKind
from maild.notices.notice import Audience, Marking, Moment, Notice


def message(moment: Moment) -> Iterable[Notice]:
    """To each supplier a mail of his own."""
    if moment.filed(by="agent", visibility="supplier"):
        for box in moment.after.suppliers():
            yield Notice(
                "supplier_message",
                Audience.SUPPLIER,
                (box,),
                marking=Marking.WORDS,
                answers=TokenKind.SUPPLIER,
                shows_message=True,
            )
