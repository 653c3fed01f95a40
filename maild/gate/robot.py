"""Automatic replies, vacation notes, bounces and receipts never open, reopen or change anything (UN-4, RFC 3834)."""

from maild.gate.case import Case, Check, Way
from maild.mail.model import Kind

ROBOTS = frozenset({Kind.AUTO_REPLY, Kind.VACATION, Kind.BOUNCE, Kind.RECEIPT, Kind.REPORT})


def _ask(case: Case) -> str | None:
    if case.mail.kind in ROBOTS:
        return f"{case.mail.kind.value.replace('_', '-')}: {case.mail.kind_because}"
    return None


CHECK = Check("robot", Way.KEEP, _ask)
