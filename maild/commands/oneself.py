"""`#away`, `#back`, `#notify`: what agents say of themselves (AG-4, OUT-5)."""

from datetime import time

from maild.commands.command import Command, Scope, Vocabulary, Wanted, WrongCommand, nearest, nothing_after
from maild.commands.dates import read_moment
from maild.commands.effects import Choose, ComeBack, GoAway
from maild.commands.reader import Section
from maild.tickets.people import Agent
from maild.tickets.roles import Verb

CHOICES = {"on": "mail", "mail": "mail", "off": "off", "digest": "digest"}
MORNING = time(8, 0)


def _away(argument: str, _agent: Agent, words: Vocabulary) -> Wanted:
    plain = argument.lower().removeprefix("until").strip()
    until = read_moment(plain, words, MORNING)[0] if plain else None
    result = f"away until {until.astimezone(words.zone):%A %Y-%m-%d %H:%M}" if until else "away until you write #back"
    return Wanted(effects=(GoAway(until),), ask=lambda _reader: Section(f"{result}; no new tickets come to you"))


def _back(argument: str, _agent: Agent, _words: Vocabulary) -> Wanted:
    nothing_after(argument, "#back")
    return Wanted(effects=(ComeBack(),), ask=lambda _reader: Section("welcome back"))


def _notify(argument: str, _agent: Agent, words: Vocabulary) -> Wanted:
    event, _, choice = argument.lower().partition(" ")
    events = (*words.events, "all")
    if event.replace("-", "_") not in events:
        wrong = f"there is no mail '{event}'" if event else "which mails, and how? Both are missing"
        raise WrongCommand(wrong, nearest(event, events))
    if choice.strip() not in CHOICES:
        raise WrongCommand(
            f"'{choice}' is no way to be told" if choice else "on, off or digest is missing", "#notify change digest"
        )
    name = "*" if event == "all" else event.replace("-", "_")
    wanted = CHOICES[choice.strip()]
    told = {"mail": "by mail, each at once", "off": "not at all", "digest": "together in a digest"}[wanted]
    return Wanted(effects=(Choose(name, wanted),), ask=lambda _reader: Section(f"you are told of {event} {told}"))


AWAY = Command(
    name="away",
    usage="#away [until DATE]",
    summary="No tickets are assigned to you until then, or until #back.",
    example="#away until monday",
    verb=Verb.NOTE,
    read=_away,
    scope=Scope.DESK,
)
BACK = Command(
    name="back",
    usage="#back",
    summary="You are here again.",
    example="#back",
    verb=Verb.NOTE,
    read=_back,
    scope=Scope.DESK,
)
NOTIFY = Command(
    name="notify",
    usage="#notify EVENT on|off|digest",
    summary="Which mails you want, and how: new_ticket, customer_reply, change, … or all.",
    example="#notify change digest",
    verb=Verb.READ,
    read=_notify,
    scope=Scope.DESK,
)
