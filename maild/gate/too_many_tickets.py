"""A sender who opens tickets like a machine is held, all in one place, until somebody releases it (ID-5)."""

from maild.gate.case import Case, Check, Way


def _ask(case: Case) -> str | None:
    if case.ticket is None and not case.envelope.quiet and case.tickets_last_hour >= case.tickets_per_hour:
        return f"{case.tickets_last_hour} tickets from this sender within an hour"
    return None


CHECK = Check("too-many-tickets", Way.HOLD, _ask)
