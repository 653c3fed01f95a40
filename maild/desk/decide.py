"""The decision about one mail, pure: who speaks, may he, and what follows. `receive` writes it, `explain` prints it."""

from datetime import datetime

from maild.commands.script import Reasoned, read_script
from maild.desk.decide_agent import decide_agent
from maild.desk.decide_customer import decide_customer, message_of
from maild.desk.decide_handed_over import decide_handed_over, decide_outreach, hands_over, writes_to_customer
from maild.desk.decide_supplier import decide_supplier, is_suppliers
from maild.desk.decision import Decision, mail_to_agent, shown_mail
from maild.desk.facts import Facts
from maild.desk.rulebook import Rulebook
from maild.gate import Case, Verdict, Way, weigh_answer, weigh_change
from maild.mail.envelope import Envelope
from maild.mail.model import Bounced, InboundMail, Kind
from maild.mail.tokens import TokenKind
from maild.mail.trust import Trust
from maild.records import replace
from maild.tickets.events import Change, DeliveryFailed, MessageFiled

QUESTIONS_PER_HOUR = 3
RELEASED = Verdict(Way.FILE, "released", "an agent released it")


def decide(
    mail: InboundMail,
    envelope: Envelope,
    facts: Facts,
    book: Rulebook,
    now: datetime,
    *,
    inbound: int,
    released_by: str | None = None,
) -> Decision:
    """The whole decision; `released_by` names the agent who let a held mail through."""
    if facts.duplicate_of is not None:
        return _duplicate(facts)
    case = _case(mail, envelope, facts, book)
    verdict = weigh_change(case)
    if released_by and verdict.way is Way.HOLD:
        verdict = RELEASED
        # Held as spam or flood: whoever let that through has not been asked whether the agent is one.
        released_by = released_by if facts.agent and released_by == facts.agent.name else None
    silent = weigh_answer(case)
    decided = _by_verdict(mail, envelope, facts, book, now, verdict, silent, inbound, released_by)
    return replace(
        decided,
        verdict=verdict,
        may_answer=silent is None,
        no_answer_because=silent,
        quiet=envelope.quiet,
        because=(*facts.passed_over, *decided.because),
    )


def _case(mail: InboundMail, envelope: Envelope, facts: Facts, book: Rulebook) -> Case:
    author = mail.author.address if mail.author else ""
    return Case(
        mail=mail,
        envelope=envelope,
        ticket=facts.match.ticket if facts.match else None,
        is_own=facts.is_own,
        is_blocked=bool(author) and book.is_blocked(author, by_agents=facts.blocked_by is not None),
        is_staff=facts.agent is not None,
        is_ours=bool(author) and book.directory.is_ours(author),
        is_unreachable=facts.unreachable,
        only_cc=facts.only_cc.value,
        automatic_last_hour=facts.automatic_hour,
        automatic_last_day=facts.automatic_day,
        tickets_last_hour=0 if facts.alert else facts.tickets_hour,
        reopens_last_day=facts.reopens_day,
        same_text_last_hour=0 if facts.alert else facts.same_text_hour,
        automatic_per_hour=book.automatic_per_hour,
        automatic_per_day=book.automatic_per_day,
        tickets_per_hour=book.tickets_per_hour,
        reopens_per_day=book.reopens_per_day,
        same_text_per_hour=book.same_text_per_hour,
    )


def _by_verdict(
    mail: InboundMail,
    envelope: Envelope,
    facts: Facts,
    book: Rulebook,
    now: datetime,
    verdict: Verdict,
    silent: str | None,
    inbound: int,
    released_by: str | None,
) -> Decision:
    match verdict.way:
        case Way.IGNORE:
            return Decision("ignored", verdict.because)
        case Way.HOLD:
            return Decision("held", verdict.because)
        case Way.KEEP:
            return _keep(mail, envelope, facts, now)
        case Way.FILE:
            return _person(mail, envelope, facts, book, now, silent, inbound, released_by)


def _person(
    mail: InboundMail,
    envelope: Envelope,
    facts: Facts,
    book: Rulebook,
    now: datetime,
    silent: str | None,
    inbound: int,
    released_by: str | None,
) -> Decision:
    agent = facts.agent
    if agent is None and facts.match is not None and is_suppliers(mail, facts.match):
        return decide_supplier(mail, envelope, facts, now)
    if agent is None or envelope.quiet:
        return decide_customer(mail, envelope, facts, book, now, answerable=silent is None)
    proven = facts.trust.level is not Trust.CLAIMED or not book.agents_need_proof or released_by is not None
    if not proven:
        return _was_this_you(mail, facts, inbound)
    if facts.confirms is not None:
        return Decision("ignored", f"released mail {facts.confirms}", releases=facts.confirms, agent=agent)
    if hands_over(mail, facts):
        return decide_handed_over(mail, envelope, facts, book, now)
    if writes_to_customer(mail, facts, book):
        return decide_outreach(mail, envelope, facts, book, now)
    if facts.match is None and not _looks_like_commands(mail):
        return decide_customer(mail, envelope, facts, book, now, answerable=silent is None)
    return decide_agent(mail, envelope, facts, book, now, inbound=inbound, released=released_by is not None)


def _looks_like_commands(mail: InboundMail) -> bool:
    return bool(read_script(mail.new_text).lines)


def _duplicate(facts: Facts) -> Decision:
    reason = f"the same mail as {facts.duplicate_of}, which was handled before"
    return Decision("ignored", reason, because=(reason,))


def _was_this_you(mail: InboundMail, facts: Facts, inbound: int) -> Decision:
    agent = facts.agent
    assert agent is not None
    reason = f"says it is from {agent.name}, but {facts.trust.because}"
    question = mail_to_agent("was_this_you", agent, TokenKind.CONFIRM, _shown(mail, inbound))
    mails = (question,) if facts.asked_lately < QUESTIONS_PER_HOUR else ()
    return Decision("held", reason, mails=mails, because=(reason,))


def _shown(mail: InboundMail, inbound: int) -> dict[str, object]:
    return {"number": inbound, "problem": mail.subject, "message": shown_mail(mail)}


def _keep(mail: InboundMail, envelope: Envelope, facts: Facts, now: datetime) -> Decision:
    """A robot's mail: with its ticket when it has one, alone otherwise; it changes nothing (UN-4)."""
    failed = _failures(mail, facts)
    if facts.match is None:
        return Decision("ignored", f"kept, changes nothing: {mail.kind_because}", unreachable=_hard(failed))
    author = mail.author.address if mail.author else (mail.claimed.address if mail.claimed else "unknown")
    filed = MessageFiled(0, "in", "internal", mail.kind.value, "robot", author)
    changes: list[Change] = [filed]
    changes += [DeliveryFailed(each.address, each.hard, each.status) for each in failed]
    return Decision(
        "filed",
        mail.kind_because,
        ticket=facts.match.ticket,
        changes=tuple(Reasoned(change, "") for change in changes),
        message=message_of(mail, envelope, now, direction="in", visibility="internal"),
        actor=f"robot:{author}",
        author=author,
        unreachable=_hard(failed),
        bounced_row=facts.bounced_row if mail.kind is Kind.BOUNCE else None,
        because=(facts.match.because,),
    )


def _failures(mail: InboundMail, facts: Facts) -> tuple[Bounced, ...]:
    """Whom a bounce speaks of, of those we sent that mail to: a forged one must not silence anybody else."""
    if mail.kind is not Kind.BOUNCE:
        return ()
    named = tuple(each for each in mail.bounced if each.address in facts.sent_to)
    if named or facts.bounced_recipient is None:
        return named
    # The signed return path says whose mail came back, even when the report names a forwarding address.
    hard = any(each.hard for each in mail.bounced)
    status = next((each.status for each in mail.bounced if each.status), None)
    return (Bounced(facts.bounced_recipient, hard, status),)


def _hard(failed: tuple[Bounced, ...]) -> tuple[Bounced, ...]:
    return tuple(each for each in failed if each.hard)
