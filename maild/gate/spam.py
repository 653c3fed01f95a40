"""What the mail server in front of us calls spam waits for a person."""

from maild.gate.case import Case, Check, Way
from maild.mail.model import Kind


def _ask(case: Case) -> str | None:
    return f"spam: {case.mail.kind_because}" if case.mail.kind is Kind.SPAM else None


CHECK = Check("spam", Way.HOLD, _ask)
