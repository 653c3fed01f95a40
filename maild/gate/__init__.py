"""Two questions about every mail, kept apart: may it change a ticket, and may it be answered (SPEC UN-4)."""

from maild.gate import blocked, only_on_cc, own_mail, robot, same_text, spam, too_many_reopens, too_many_tickets
from maild.gate.answering import ANSWER_CHECKS
from maild.gate.case import Case, Check, Verdict, Way

CHECKS: tuple[Check, ...] = (
    own_mail.CHECK,
    blocked.CHECK,
    robot.CHECK,
    only_on_cc.CHECK,
    spam.CHECK,
    too_many_tickets.CHECK,
    too_many_reopens.CHECK,
    same_text.CHECK,
)


def weigh_change(case: Case) -> Verdict:
    """May it change a ticket? The first check that speaks decides."""
    for check in CHECKS:
        because = check.ask(case)
        if because is not None:
            assert check.way is not None
            return Verdict(check.way, check.name, because)
    return Verdict(Way.FILE, "", "a mail with something to say")


def weigh_answer(case: Case) -> str | None:
    """Why it may not be answered automatically, or None when it may."""
    for check in ANSWER_CHECKS:
        because = check.ask(case)
        if because is not None:
            return f"{check.name}: {because}"
    return None


__all__ = ["ANSWER_CHECKS", "CHECKS", "Case", "Check", "Verdict", "Way", "weigh_answer", "weigh_change"]
