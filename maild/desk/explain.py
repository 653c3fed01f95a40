"""Steps 4 to 8 of a mail's path without the writing: the same code, and its reasons in words (SPEC UN-7)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from maild.clock import rfc3339
from maild.desk.change import Act, moment_of, outcome_with_rules
from maild.desk.decide import decide
from maild.desk.decision import Decision
from maild.desk.facts import Facts, as_meant, gather, gather_without_store
from maild.desk.reacting import told_by_rules
from maild.desk.rulebook import Rulebook
from maild.desk.staffing import away_now
from maild.mail.envelope import Envelope
from maild.mail.model import InboundMail, Kind, Mailbox
from maild.mail.trust import Trust, Trusted
from maild.notices import Notice, notices_for
from maild.records import replace
from maild.store import Store, agents
from maild.tickets.events import (
    Assigned,
    Change,
    DeliveryFailed,
    Linked,
    MessageFiled,
    Opened,
    ParticipantJoined,
    PriorityChanged,
    StatusChanged,
    TagsChanged,
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What would be decided about a mail, and from what."""

    mail: InboundMail
    facts: Facts
    decision: Decision
    notices: tuple[Notice, ...]
    away: frozenset[str] = frozenset()


def explain(mail: InboundMail, envelope: Envelope, book: Rulebook, store: Store | None, now: datetime) -> Explanation:
    """Decides without writing; without a store nothing is known of tickets."""
    mail = as_meant(mail, book)
    away: frozenset[str] = frozenset()
    if store is None:
        facts = gather_without_store(mail, envelope, book, now)
    else:
        with store.read() as tx:
            facts = gather(tx, mail, envelope, book, now, lock=False)
            away = away_now(agents.states(tx), now)
    decision = decide(mail, envelope, facts, book, now, inbound=0)
    return Explanation(mail, facts, decision, (*decision.mails, *_notices(decision, book, now, away)), away)


def otherwise(told: Explanation, envelope: Envelope, book: Rulebook, now: datetime) -> list[str]:
    """What would have decided otherwise, and what would happen then: the nearest ways not taken."""
    mail, facts, decision = told.mail, told.facts, told.decision
    ways: list[tuple[str, InboundMail, Facts]] = []
    verdict = decision.verdict
    if verdict is not None and verdict.name == "robot":
        person = replace(mail, kind=Kind.NORMAL, auto_submitted=False, bulk=False)
        ways.append(("were it a person's mail", person, facts))
    if facts.agent is not None and facts.trust.level is Trust.CLAIMED and book.agents_need_proof:
        proven = replace(facts, trust=Trusted(Trust.AUTHENTICATED, "supposed"))
        ways.append((f"were it proven to be from {facts.agent.name}", mail, proven))
    lines = []
    for condition, other_mail, other_facts in ways:
        decided = decide(other_mail, envelope, other_facts, book, now, inbound=0)
        notices = (*decided.mails, *_notices(decided, book, now, told.away))
        then = Explanation(other_mail, other_facts, decided, notices)
        lines.append(f"{condition}: {'; '.join(actions(then, book))}")
    if facts.passed_over and mail.author:
        lines.append(f"were {mail.author.address} on that ticket, or the reference signed: the mail would join it")
    if decision.opens and decision.no_answer_because:
        lines.append(f"without “{decision.no_answer_because}”: an acknowledgement would go out")
    return lines


def _notices(decision: Decision, book: Rulebook, now: datetime, away: frozenset[str]) -> tuple[Notice, ...]:
    if not decision.changes:
        return ()
    number = decision.ticket.number if decision.ticket else 0
    act = Act(
        number=number,
        before=decision.ticket,
        changes=decision.changes,
        actor=decision.actor,
        cause="explain",
        now=now,
        agent=decision.agent,
        author=decision.author,
        may_answer=decision.may_answer,
        quiet=decision.quiet,
    )
    texts = (decision.message.subject, decision.message.new_text) if decision.message else ()
    events, after, reaction = outcome_with_rules(act, (), book, lambda: texts)
    moment = moment_of(act, events, after, book, away)
    notices = notices_for(moment)
    return (*notices, *told_by_rules(reaction, moment, notices))


def as_json(name: str, told: Explanation, envelope: Envelope, book: Rulebook, now: datetime) -> dict[str, Any]:
    """The object of `maild explain --json` (CONTRACT), and what would have decided otherwise."""
    mail, facts, decision = told.mail, told.facts, told.decision
    kind = Kind.OWN if facts.is_own else mail.kind
    author = mail.author or mail.claimed
    role = "agent" if facts.agent else ("customer" if _is_known(facts, author) else "stranger")
    ticket = decision.ticket
    return {
        "file": name,
        "kind": kind.value,
        "kind_because": "our own signature on its Message-ID" if facts.is_own else mail.kind_because,
        "from": author.address if author else None,
        "from_name": author.name if author else None,
        "to": [box.address for box in mail.to],
        "cc": [box.address for box in mail.cc],
        "subject": mail.subject,
        "date": rfc3339(mail.date),
        "message_id": mail.message_id,
        "sender": {"role": role, "trust": facts.trust.level.value, "because": facts.trust.because},
        "ticket": {
            "number": book.label(ticket.number) if ticket else None,
            "because": "; ".join(decision.because) or decision.reason,
        },
        "text": mail.text,
        "new_text": mail.new_text,
        "attachments": [
            {"name": file.name, "content_type": file.content_type, "size": file.size, "inline": file.inline}
            for file in mail.attachments
        ],
        "bounced": [{"address": each.address, "hard": each.hard, "status": each.status} for each in mail.bounced],
        "language": mail.language,
        "commands": list(decision.command_lines),
        "errors": [f"{each.written}: {each.what} ({each.hint})" for each in decision.wrong],
        "actions": actions(told, book),
        "checks": checks(told),
        "otherwise": otherwise(told, envelope, book, now),
        "defects": list(mail.defects),
    }


def unreadable_json(name: str, words: str) -> dict[str, Any]:
    """The same object for a mail that no reader survives."""
    nobody = {"role": "stranger", "trust": "claimed", "because": "the mail cannot be read"}
    nothing: dict[str, Any] = dict.fromkeys(("from", "from_name", "subject", "date", "message_id", "language"))
    empty: dict[str, Any] = {
        key: [] for key in ("to", "cc", "attachments", "bounced", "commands", "checks", "otherwise")
    }
    return {
        "file": name,
        "kind": Kind.NORMAL.value,
        "kind_because": words,
        **nothing,
        **empty,
        "sender": nobody,
        "ticket": {"number": None, "because": words},
        "text": "",
        "new_text": "",
        "errors": [words],
        "actions": [words],
        "defects": [words],
    }


def _is_known(facts: Facts, author: Mailbox | None) -> bool:
    return bool(author and facts.match and facts.match.ticket.belongs(author.address))


def checks(told: Explanation) -> list[str]:
    """The two questions about every mail, with the check that answered."""
    decision = told.decision
    verdict = decision.verdict
    change = f"{verdict.name or 'no check objects'}: {verdict.because}" if verdict else decision.reason
    answer = decision.no_answer_because or "yes"
    return [f"may it change a ticket? {change}", f"may it be answered automatically? {answer}"]


def actions(told: Explanation, book: Rulebook) -> list[str]:
    """What would happen, in order."""
    decision = told.decision
    verdict = decision.verdict
    by = f" (check {verdict.name})" if verdict and verdict.name else ""
    if decision.state in ("ignored", "held") and not decision.changes:
        lines = [f"{decision.state}: {decision.reason}{by}"]
    else:
        lines = [words for each in decision.changes if (words := _words(each.change, book))]
    lines += [
        f"send '{notice.event}' to {', '.join(box.address for box in notice.recipients())}" for notice in told.notices
    ]
    if decision.opens and not decision.may_answer:
        lines.append(f"no acknowledgement: {decision.no_answer_because}")
    return lines


def _words(change: Change, book: Rulebook) -> str:
    match change:
        case Opened(subject, requester, status, _, priority):
            return f"open a ticket for {requester.address}: '{subject}', {status}, priority {priority}"
        case MessageFiled(_, _, visibility, mail_kind, by, author):
            return f"file the {mail_kind} mail of {by} {author}, {visibility}"
        case StatusChanged(old, new) | PriorityChanged(old, new):
            return f"change {change.kind} from {old} to {new}"
        case Assigned(old, new):
            return f"assign to {new or 'nobody'} (was {old or 'nobody'})"
        case TagsChanged(_, tags):
            return f"set tags {', '.join(tags) or 'none'}"
        case ParticipantJoined(address, _, standing):
            return f"add {address} as {standing.value}"
        case Linked(relation, number):
            return f"link as {relation} {book.label(number)}"
        case DeliveryFailed(address, hard, status):
            return f"record that {address} was not reached ({'hard' if hard else 'soft'}, {status or 'no code'})"
        case _:
            return f"record {change.kind}"
