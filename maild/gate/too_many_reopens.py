"""A ticket that is reopened again and again is a loop until a person says otherwise (ID-5)."""

from maild.gate.case import Case, Check, Way
from maild.tickets.workflow import Phase


def _ask(case: Case) -> str | None:
    would_reopen = case.ticket is not None and case.ticket.phase in (Phase.RESOLVED, Phase.CLOSED)
    if would_reopen and not case.is_staff and case.reopens_last_day >= case.reopens_per_day:
        return f"it would reopen the ticket for the {case.reopens_last_day + 1}th time within a day"
    return None


CHECK = Check("too-many-reopens", Way.HOLD, _ask)
