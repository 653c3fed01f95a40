"""Do rules speak of what there is? Each slip with its place and the nearest right word (SPEC RU-1, AD-1)."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from maild.commands.canned import Canned, UnknownCanned, find
from maild.config.checks_staff import setting_of
from maild.config.found import Found, repeated
from maild.config.lines import KeyPath
from maild.config.places import did_you_mean
from maild.config.schema import Draft, Item
from maild.config.schema_rules import RuleEntry
from maild.config.statuses import workflow_of
from maild.records import replace
from maild.rules.actions import BY_NAME
from maild.rules.actions.notify import WORDS
from maild.rules.schedule import Interval
from maild.tickets.fields import FieldType, WrongValue, field_named, read
from maild.tickets.query import QueryError, parse_query, resolve

DAY = timedelta(days=1)


def same_rule_twice(draft: Draft) -> Iterator[Found]:
    """Histories name a rule by its name."""
    yield from repeated([((*item.path, "name"), item.value.name) for item in draft.rules], "is another rule already")


def rules_without_effect(draft: Draft) -> Iterator[Found]:
    """A rule needs something that sets it off and something to do."""
    for item in draft.rules:
        if not item.value.on and item.value.every is None:
            yield item.path, 'never runs; give it on = ["created"], or every = "1h"'
        if not item.value.then.given():
            yield (*item.path, "then"), "does nothing; give it an action such as set_priority or add_tags"


def rules_that_only_repeat(draft: Draft) -> Iterator[Found]:
    """By the clock a ticket is found again and again: what changes on it ends that, or else a day between."""
    for item in draft.rules:
        every, then = item.value.every, item.value.then.given()
        only_tells = bool(then) and all(BY_NAME[name].tells for name in then)
        if isinstance(every, Interval) and every.length < DAY and only_tells:
            words = 'would tell the same again each time; change the ticket too (add_tags), or use "daily 09:00"'
            yield (*item.path, "every"), words


def queries_of_rules(draft: Draft) -> Iterator[Found]:
    """Words of this desk; and nobody in particular asks, so that `me` means nothing."""
    setting = replace(setting_of(draft), me=None)
    for item in draft.rules:
        try:
            resolve(parse_query(item.value.when), setting)
        except QueryError as error:
            yield (*item.path, "when"), str(error)


def rules_with_unknown_words(draft: Draft) -> Iterator[Found]:
    """Priorities, categories, statuses, agents and teams are those of the desk."""
    known = _known(draft)
    for item in draft.rules:
        given = item.value.then.given()
        for action, (what, words) in known.items():
            word = given.get(action)
            if isinstance(word, str) and not _is_known(word, action, words, draft):
                yield (*item.path, "then", action), f"there is no {what} '{word}'{did_you_mean(word, words)}"


def _known(draft: Draft) -> dict[str, tuple[str, tuple[str, ...]]]:
    """For each action what its value is, and which there are."""
    agents = tuple(item.value.name for item in draft.agents)
    return {
        "set_priority": ("priority", draft.tickets.priorities),
        "set_category": ("category", draft.tickets.categories),
        "set_status": ("status", workflow_of(draft).names()),
        "assign": ("agent", agents),
        "assign_team": ("team", _teams(draft)),
    }


def _is_known(word: str, action: str, words: tuple[str, ...], draft: Draft) -> bool:
    if action == "set_status":
        return workflow_of(draft).find(word) is not None
    # A desk without a list of categories has any.
    return word in words or (action == "set_category" and not words)


def _teams(draft: Draft) -> tuple[str, ...]:
    return tuple(dict.fromkeys(team for item in draft.agents for team in item.value.teams))


def rules_that_tell_nobody(draft: Draft) -> Iterator[Found]:
    """Whom `notify` names: agents, teams, agents' addresses, and those whom the ticket concerns."""
    agents = [item.value for item in draft.agents]
    addresses = {address.lower() for agent in agents for address in (agent.email, *agent.addresses)}
    words = (*WORDS, *(agent.name for agent in agents), *_teams(draft))
    for item in draft.rules:
        for place, word in enumerate(item.value.then.notify or ()):
            if word not in words and word.lower() not in addresses:
                path: KeyPath = (*item.path, "then", "notify", place)
                yield path, f"'{word}' is no agent, team or agent's address{did_you_mean(word, words)}"


def rules_with_wrong_fields(draft: Draft) -> Iterator[Found]:
    """Own fields and values that they take."""
    fields = tuple(FieldType(each.value.name, each.value.type, each.value.values) for each in draft.fields)
    for item in draft.rules:
        for name, value in (item.value.then.set_field or {}).items():
            wrong = _wrong_field(name, value, fields)
            if wrong is not None:
                yield (*item.path, "then", "set_field", name), wrong


def _wrong_field(name: str, value: str, fields: tuple[FieldType, ...]) -> str | None:
    field = field_named(name, fields)
    if field is None:
        return f"there is no field '{name}'{did_you_mean(name, [each.name for each in fields])}"
    try:
        read(field, value)
    except WrongValue as error:
        return f"{error}; {error.hint}"
    return None


def unknown_answers(rules: Iterable[Item[RuleEntry]], canned: tuple[Canned, ...]) -> Iterator[Found]:
    """Canned responses that rules send."""
    for item in rules:
        name = item.value.then.answer
        try:
            if name is not None:
                find(name, canned)
        except UnknownCanned as error:
            yield (*item.path, "then", "answer"), f"{error}; {error.hint}"
