"""`#merge`, `#unmerge`, `#split`, `#link`, `#unlink`: tickets that belong together, or don't (SPEC TI-6)."""

from maild.commands.command import Command, Filed, Vocabulary, Wanted, WrongCommand, nearest, ticket_named
from maild.commands.effects import MergeInto, Relate, SplitOff, TakeOut
from maild.mail.model import Mailbox
from maild.tickets.decide import step
from maild.tickets.events import Change, Linked, Merged, Unlinked
from maild.tickets.links import COUNTERPART, RELATED, SETTABLE
from maild.tickets.people import Agent
from maild.tickets.roles import Verb
from maild.tickets.ticket import Ticket, label
from maild.tickets.workflow import Phase

# Of #merge, #unmerge, #split and #delete a mail has one: each looks at where the messages are now.
MOVING = "moving"


def _merge(argument: str, _agent: Agent, words: Vocabulary) -> Wanted:
    primary = ticket_named(argument, words)
    named = label(words.prefix, primary.number)
    if primary.merged_into is not None:
        into = label(words.prefix, primary.merged_into)
        raise WrongCommand(f"{named} was itself merged into {into}", f"#merge {into}")

    def changes(ticket: Ticket) -> list[Change]:
        if ticket.number == primary.number:
            raise WrongCommand("a ticket cannot be merged into itself", "name the other one")
        if ticket.merged_into is not None:
            raise WrongCommand(f"it is merged into {label(words.prefix, ticket.merged_into)} already", "#unmerge first")
        closed = words.workflow.in_phase(Phase.CLOSED) or words.workflow.in_phase(Phase.RESOLVED)
        return [Merged(None, primary.number), *(step(ticket, closed) if closed else [])]

    return Wanted(changes, effects=(MergeInto(primary.number),), once=MOVING)


def _unmerge(argument: str, _agent: Agent, words: Vocabulary) -> Wanted:
    """Said on the ticket that was merged, or on the one that took it, which then names it."""
    if not argument:
        missing = "which ticket is to stand alone again?"
        raise WrongCommand(missing, f"write #unmerge {label(words.prefix, 1002)} with the number of that one")
    other = ticket_named(argument, words)

    def changes(ticket: Ticket) -> list[Change]:
        if other.merged_into != ticket.number:
            there = ", ".join(label(words.prefix, n) for n, each in words.known.tickets.items() if _went(each, ticket))
            named = label(words.prefix, other.number)
            raise WrongCommand(f"{named} was not merged into this ticket", f"merged into it: {there or 'none'}")
        return []

    return Wanted(changes, effects=(TakeOut(other.number),), once=MOVING)


def _went(each: Ticket, into: Ticket) -> bool:
    return each.merged_into == into.number


def _split(argument: str, _agent: Agent, words: Vocabulary) -> Wanted:
    first, _, rest = argument.partition(" ")
    numbered = first.isascii() and first.isdigit() and len(first) < 5
    subject = (rest if numbered else argument).strip()
    message = _message(int(first) if numbered else None, words)

    def changes(ticket: Ticket) -> list[Change]:
        if ticket.messages < 2:
            raise WrongCommand("it has one message only: nothing would be left", "#subject gives it another subject")
        return []

    by_customer = message.direction == "in"
    named = Mailbox(message.author, message.name)
    split = SplitOff(message.id, named, subject or message.subject, by_customer)
    return Wanted(changes, effects=(split,), once=MOVING)


def _message(place: int | None, words: Vocabulary) -> Filed:
    """The message of this place, or the newest of the customers' side."""
    there = [each for each in words.known.messages if each.direction == "in" and each.author]
    found = [each for each in there if each.place == place] if place is not None else there[-1:]
    if found:
        return found[0]
    known = ", ".join(f"{each.place} ({each.author})" for each in there) or "none"
    wrong = f"there is no customer's message number {place}" if place is not None else "no customer wrote here"
    raise WrongCommand(wrong, f"they are: {known}")


def _relation(argument: str, words: Vocabulary) -> tuple[Ticket, str]:
    first, _, rest = argument.partition(" ")
    other = ticket_named(first, words)
    relation = SETTABLE.get(" ".join(rest.lower().split()) or RELATED)
    if relation is None:
        raise WrongCommand(f"there is no relation '{rest}'", nearest(rest, tuple(SETTABLE)))
    return other, relation


def _link(argument: str, _agent: Agent, words: Vocabulary) -> Wanted:
    other, relation = _relation(argument, words)

    def changes(ticket: Ticket) -> list[Change]:
        if ticket.number == other.number:
            raise WrongCommand("a ticket cannot be linked to itself", "name the other one")
        there = any((each.kind, each.number) == (relation, other.number) for each in ticket.links)
        return [] if there else [Linked(relation, other.number)]

    return Wanted(changes, effects=(Relate(other.number, COUNTERPART[relation]),))


def _unlink(argument: str, _agent: Agent, words: Vocabulary) -> Wanted:
    other = ticket_named(argument, words)
    settable = set(SETTABLE.values())

    def changes(ticket: Ticket) -> list[Change]:
        links = [each for each in ticket.links if each.number == other.number]
        free = [each for each in links if each.kind in settable]
        if not free:
            why = f"they are {links[0].kind}, which history keeps" if links else "they are not linked"
            raise WrongCommand(f"{label(words.prefix, other.number)}: {why}", "see #show for the links of this ticket")
        return [Unlinked(each.kind, each.number) for each in free]

    ends = tuple(Relate(other.number, relation, gone=True) for relation in sorted(settable))
    return Wanted(changes, effects=ends)


MERGE = Command(
    name="merge",
    usage="#merge NUMBER",
    summary="This ticket goes into that one: messages, people and later replies.",
    example="#merge TICK-1001",
    verb=Verb.MERGE,
    read=_merge,
)
UNMERGE = Command(
    name="unmerge",
    usage="#unmerge NUMBER",
    summary="That ticket, merged into this one, stands alone again.",
    example="#unmerge TICK-1002",
    verb=Verb.MERGE,
    read=_unmerge,
)
SPLIT = Command(
    name="split",
    usage="#split [N] [subject]",
    summary="A customer's message (the newest, or number N) begins a ticket of its own.",
    example="#split The other printer",
    verb=Verb.MERGE,
    read=_split,
)
LINK = Command(
    name="link",
    usage="#link NUMBER [relation]",
    summary="Links two tickets: related, duplicate of, part of, has part.",
    example="#link TICK-1002 part of",
    verb=Verb.MERGE,
    read=_link,
)
UNLINK = Command(
    name="unlink",
    usage="#unlink NUMBER",
    summary="Ends what #link set.",
    example="#unlink TICK-1002",
    verb=Verb.MERGE,
    read=_unlink,
)
