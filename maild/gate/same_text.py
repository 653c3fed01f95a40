"""The same words from one address over and over are a robot without marks (RELIABILITY B1, B2)."""

from maild.gate.case import Case, Check, Way


def _ask(case: Case) -> str | None:
    if not case.is_staff and not case.envelope.quiet and case.same_text_last_hour >= case.same_text_per_hour:
        return f"the same words came {case.same_text_last_hour} times from this address within an hour"
    return None


CHECK = Check("same-text", Way.HOLD, _ask)
