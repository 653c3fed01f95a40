"""May this mail be answered automatically? Every automatic mail to a customer passes here (ID-5, RFC 3834 2)."""

import re

from maild.gate.case import Case, Check
from maild.mail.model import Kind

PERSONS = frozenset({Kind.NORMAL, Kind.CALENDAR})
NO_REPLY = re.compile(
    r"(no[-_.]?reply|do[-_.]?not[-_.]?reply|mailer[-_.]?daemon|postmaster|bounces?|abuse|root|listserv|majordomo)"
    r"([-+_.].{0,200})?@|owner-.{1,64}@|.{1,64}-(request|bounces|owner)@",
    re.IGNORECASE,
)


def _nobody(case: Case) -> str | None:
    return "nobody to answer: there is no single sender" if case.mail.author is None else None


def _null_sender(case: Case) -> str | None:
    return "the null envelope sender asks for no answer (RFC 5321 4.5.5)" if case.envelope.mail_from == "" else None


def _not_a_person(case: Case) -> str | None:
    return f"it is no person's mail ({case.mail.kind.value})" if case.mail.kind not in PERSONS else None


def _automatic(case: Case) -> str | None:
    return "it is marked as automatic (Auto-Submitted, RFC 3834)" if case.mail.auto_submitted else None


def _bulk(case: Case) -> str | None:
    return "it came by a list or in bulk (Precedence, List-*)" if case.mail.bulk else None


def _no_reply(case: Case) -> str | None:
    author = case.mail.author
    return f"{author.address} reads no mail" if author and NO_REPLY.match(author.address) else None


def _ourselves(case: Case) -> str | None:
    return "the sender is an address of this desk" if case.is_ours else None


def _unreachable(case: Case) -> str | None:
    return "mail to this address came back before" if case.is_unreachable else None


def _quiet(case: Case) -> str | None:
    return "old mail, imported quietly" if case.envelope.quiet or case.only_cc == "quiet" else None


def _hourly(case: Case) -> str | None:
    if case.automatic_last_hour >= case.automatic_per_hour:
        return f"{case.automatic_last_hour} automatic mails went there within the hour"
    return None


def _daily(case: Case) -> str | None:
    if case.automatic_last_day >= case.automatic_per_day:
        return f"{case.automatic_last_day} automatic mails went there within the day"
    return None


ANSWER_CHECKS: tuple[Check, ...] = (
    Check("nobody", None, _nobody),
    Check("quiet-import", None, _quiet),
    Check("ourselves", None, _ourselves),
    Check("null-sender", None, _null_sender),
    Check("not-a-person", None, _not_a_person),
    Check("auto-submitted", None, _automatic),
    Check("bulk", None, _bulk),
    Check("no-reply-address", None, _no_reply),
    Check("unreachable", None, _unreachable),
    Check("hourly-cap", None, _hourly),
    Check("daily-cap", None, _daily),
)
