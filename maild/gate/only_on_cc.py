"""An inbox that stands only on Cc may be set to stay out of it (IN-6)."""

from maild.gate.case import Case, Check, Way


def _ask(case: Case) -> str | None:
    if case.ticket is None and case.only_cc == "ignore":
        return "the desk stands only on Cc, and this inbox ignores that"
    return None


CHECK = Check("only-on-cc", Way.IGNORE, _ask)
