"""The admin's rules: on an event or by the clock, when a query holds, then actions; pure (SPEC RU-1).

Rules run in order, and each sees the ticket as those before left it. In one act a rule fires at most once, and what
rules did sets off nothing. A rule that came too early is asked again when later ones changed the ticket, twice at most.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from maild.records import replace
from maild.rules.actions import Action, Scene, Wish
from maild.rules.schedule import Every
from maild.rules.triggers import RULE, Trigger, triggers_of
from maild.tickets.events import Change, Event, Refused
from maild.tickets.fold import fold
from maild.tickets.matching import Contains, matches
from maild.tickets.query import Query
from maild.tickets.ticket import Ticket

MOST_ROUNDS = 3
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Rule:
    """`written` is the query's text; `stop`: when it has fired, no rule after it does in this act."""

    name: str
    then: tuple[Action, ...]
    on: frozenset[Trigger] = frozenset()
    every: Every | None = None
    when: Query = field(default_factory=Query)
    stop: bool = False
    written: str = ""

    @property
    def actor(self) -> str:
        """By whom its events are."""
        return f"{RULE}{self.name}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a rule wants from the desk beyond changes of the ticket."""

    rule: str
    wish: Wish


@dataclass(frozen=True, slots=True)
class Failed:
    """A rule that could not be asked or done; it did nothing."""

    rule: str
    what: str


@dataclass(frozen=True, slots=True)
class Reaction:
    """What rules made of an act: the ticket after them, their events, their wishes, and words on each that fired."""

    ticket: Ticket
    events: tuple[Event, ...] = ()
    wishes: tuple[Wanted, ...] = ()
    log: tuple[str, ...] = ()
    failed: tuple[Failed, ...] = ()
    fired: tuple[str, ...] = ()
    rounds: int = 0


def react(
    rules: tuple[Rule, ...], events: tuple[Event, ...], ticket: Ticket, scene: Scene, contains: Contains
) -> Reaction:
    """What the rules do about the events of one act; `ticket` is as these left it. Never raises for a rule's sake."""
    triggers = triggers_of(events, scene.setting.workflow)
    waiting = [rule for rule in rules if rule.on & triggers]
    cause = events[-1].cause if events else ""
    reaction = Reaction(ticket)
    for number in range(1, MOST_ROUNDS + 1):
        before = reaction
        waiting, reaction = _round(waiting, replace(reaction, rounds=number), scene, contains, cause)
        if not waiting or reaction.events == before.events:
            break
    return reaction


def _round(
    rules: list[Rule], reaction: Reaction, scene: Scene, contains: Contains, cause: str
) -> tuple[list[Rule], Reaction]:
    """The rules that did not fire yet, each asked once; gives those that are still waiting."""
    waiting: list[Rule] = []
    for rule in rules:
        after = _asked(rule, reaction, scene, contains, cause)
        if after is reaction:
            waiting.append(rule)
        elif rule.stop and rule.name in after.fired:
            return [], after
        reaction = after
    return waiting, reaction


def _asked(rule: Rule, reaction: Reaction, scene: Scene, contains: Contains, cause: str) -> Reaction:
    """The same reaction when the rule's query does not hold."""
    try:
        if not matches(rule.when, reaction.ticket, scene.setting, contains):
            return reaction
        return _fired(rule, reaction, scene, cause)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one rule, the mail and the other rules go on
        return failed(rule, reaction, scene, cause, f"{type(error).__name__}: {error}"[:LONGEST])


def run(rule: Rule, ticket: Ticket, scene: Scene, cause: str) -> Reaction:
    """One rule of time on one ticket that its query found."""
    reaction = Reaction(ticket, rounds=1)
    try:
        return _fired(rule, reaction, scene, cause)
    except Exception as error:  # noqa: BLE001 - the same for rules of time
        return failed(rule, reaction, scene, cause, f"{type(error).__name__}: {error}"[:LONGEST])


def failed(rule: Rule, reaction: Reaction, scene: Scene, cause: str, what: str) -> Reaction:
    """The ticket remembers which rule could not be done, and why."""
    after = _with(rule, reaction, (Refused(rule.actor, what),), scene, cause)
    return replace(
        after, failed=(*reaction.failed, Failed(rule.name, what)), log=(*reaction.log, f"{rule.name}: {what}")
    )


def _fired(rule: Rule, reaction: Reaction, scene: Scene, cause: str) -> Reaction:
    words: list[str] = []
    for action in rule.then:
        done = action.on(reaction.ticket, scene)
        reaction = _with(rule, reaction, done.changes, scene, cause)
        reaction = replace(reaction, wishes=(*reaction.wishes, *(Wanted(rule.name, wish) for wish in done.wishes)))
        words.append(_told(action, done.words, did=bool(done.changes or done.wishes)))
    line = f"{rule.name}: {'; '.join(words)}"
    return replace(reaction, fired=(*reaction.fired, rule.name), log=(*reaction.log, line))


def _told(action: Action, words: str, *, did: bool) -> str:
    return str(action) if did else f"{action}: {words or 'nothing to change'}"


def _with(rule: Rule, reaction: Reaction, changes: Iterable[Change], scene: Scene, cause: str) -> Reaction:
    """The reaction with more changes, folded into the ticket."""
    now, last = scene.setting.now, reaction.ticket.seq
    new = tuple(
        Event(now, rule.actor, change, f"rule {rule.name}", cause, last + place)
        for place, change in enumerate(changes, 1)
    )
    if not new:
        return reaction
    ticket = fold(reaction.ticket.number, reaction.ticket, new)
    return replace(reaction, ticket=ticket, events=(*reaction.events, *new))
