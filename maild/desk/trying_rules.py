"""`maild rules test`: what each rule would do about a mail or a ticket, and why; writes nothing (SPEC RU-1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from maild.desk.change import Act, history_of
from maild.desk.decision import Decision
from maild.desk.reacting import hearing, scene_of
from maild.desk.rulebook import Rulebook
from maild.rules.asking import Asked, asked
from maild.rules.engine import Rule, react, run
from maild.rules.schedule import Every, Interval
from maild.rules.triggers import Trigger, triggers_of
from maild.tickets.events import Event
from maild.tickets.fold import fold
from maild.tickets.ticket import Ticket

TRIAL = "trial"


@dataclass(frozen=True, slots=True)
class Tried:
    """One rule. `set_off` None: nobody knows, as no event is at hand; `would` is what it does once it fires."""

    rule: Rule
    set_off: bool | None
    asked: Asked
    would: str

    @property
    def fires(self) -> bool:
        """True when it did something, in whatever round."""
        return bool(self.would) and not self.asked.wrong

    @property
    def was_stopped(self) -> bool:
        """It would have fired, but for a rule before it that ends the act."""
        return self.set_off is not False and self.asked.holds and not self.would


@dataclass(frozen=True, slots=True)
class Trial:
    """All rules, and what happened of which they were to hear; `log` is what the engine itself came to."""

    rules: tuple[Tried, ...]
    triggers: frozenset[Trigger] = frozenset()
    log: tuple[str, ...] = ()


def on_ticket(ticket: Ticket, texts: Iterable[str], book: Rulebook, now: datetime) -> Trial:
    """Each rule for itself, as if it were set off now."""
    words = (ticket.subject, *texts)
    said = hearing(lambda: words)
    scene = scene_of(book, now)
    tried = []
    for rule in book.rules:
        answer = asked(rule, ticket, scene, said)
        would = run(rule, ticket, scene, TRIAL).log if answer.holds else ()
        tried.append(Tried(rule, None, answer, _without_name(rule, would)))
    return Trial(tuple(tried))


def on_mail(decision: Decision, book: Rulebook, now: datetime) -> Trial:
    """The rules in order on what a mail does, as the engine runs them."""
    if not decision.changes:
        return Trial(())
    events, ticket = _done(decision, now)
    scene = scene_of(book, now)
    words = (ticket.subject, decision.message.new_text if decision.message else "")
    said = hearing(lambda: words)
    triggers = triggers_of(events, book.workflow)
    log = () if decision.quiet else react(book.rules, events, ticket, scene, said).log
    tried = []
    for rule in book.rules:
        set_off = bool(rule.on & triggers)
        answer = asked(rule, ticket, scene, said)
        would = _without_name(rule, [line for line in log if line.startswith(f"{rule.name}: ")])
        tried.append(Tried(rule, set_off, answer, would))
        if set_off and answer.holds and would:
            ticket = run(rule, ticket, scene, TRIAL).ticket
    return Trial(tuple(tried), triggers, log)


def _done(decision: Decision, now: datetime) -> tuple[tuple[Event, ...], Ticket]:
    number = decision.ticket.number if decision.ticket else 0
    act = Act(number, decision.ticket, decision.changes, decision.actor, TRIAL, now, agent=decision.agent)
    events = history_of(act, ())
    return events, fold(number, decision.ticket, events)


def _without_name(rule: Rule, lines: Iterable[str]) -> str:
    return "; ".join(line.removeprefix(f"{rule.name}: ") for line in lines)


def rule_json(rule: Rule) -> dict[str, Any]:
    """A rule as the config says it."""
    return {
        "name": rule.name,
        "on": sorted(rule.on),
        "every": every_text(rule.every) if rule.every else None,
        "when": rule.written,
        "then": [str(action) for action in rule.then],
        "stop": rule.stop,
    }


def tried_json(tried: Tried) -> dict[str, Any]:
    """The same with what a trial came to."""
    answer = tried.asked
    parts = [{"term": part.written, "holds": part.holds, "failed": list(part.failed)} for part in answer.parts]
    return rule_json(tried.rule) | {
        "set_off": tried.set_off,
        "holds": answer.holds,
        "terms": parts,
        "wrong": answer.wrong or None,
        "fires": tried.fires,
        "would": tried.would or None,
    }


def every_text(every: Every) -> str:
    """`1:00:00` or `daily 09:00`."""
    return str(every.length) if isinstance(every, Interval) else f"daily {every.at:%H:%M}"
