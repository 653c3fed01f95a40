"""`#tag` and `#untag`: words to find tickets by."""

import re

from maild.commands.command import Command, Vocabulary, Wanted, WrongCommand
from maild.tickets.events import TagsChanged
from maild.tickets.people import Agent
from maild.tickets.roles import Verb

TAG = re.compile(r"\w[\w.-]{0,39}\Z")


def _tags(argument: str) -> tuple[str, ...]:
    tags = tuple(word.strip("#").lower() for word in argument.replace(",", " ").split())
    if not tags:
        raise WrongCommand("a tag is missing", "write #tag vpn")
    for tag in tags:
        if not TAG.match(tag):
            raise WrongCommand(f"'{tag}' cannot be a tag", "letters, digits, dots and hyphens, at most 40")
    return tags


def _add(argument: str, _agent: Agent, _words: Vocabulary) -> Wanted:
    new = _tags(argument)

    def merged(old: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*old, *new)))

    return Wanted(
        lambda ticket: [] if set(new) <= set(ticket.tags) else [TagsChanged(ticket.tags, merged(ticket.tags))]
    )


def _remove(argument: str, _agent: Agent, _words: Vocabulary) -> Wanted:
    gone = set(_tags(argument))

    def kept(old: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(tag for tag in old if tag not in gone)

    return Wanted(lambda ticket: [TagsChanged(ticket.tags, kept(ticket.tags))] if gone & set(ticket.tags) else [])


COMMAND = Command(
    name="tag",
    usage="#tag WORD…",
    summary="Adds tags.",
    example="#tag vpn printer",
    verb=Verb.CHANGE,
    read=_add,
    aliases=("tags",),
)
UNTAG = Command(
    name="untag",
    usage="#untag WORD…",
    summary="Takes tags away.",
    example="#untag printer",
    verb=Verb.CHANGE,
    read=_remove,
)
