"""`#list`, `#search`, `#show`, `#history`, `#customer`, `#canned`: questions that the desk answers by mail."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from maild.commands.add import mailbox
from maild.commands.canned import named
from maild.commands.command import Command, Scope, Vocabulary, Wanted, WrongCommand, nearest, ticket_named
from maild.commands.reader import Reader, Row, Section, Shown
from maild.commands.told import told
from maild.tickets.events import ClocksChanged, Event, MessageFiled
from maild.tickets.people import Agent
from maild.tickets.query import QueryError, parse_query, resolve
from maild.tickets.roles import Verb
from maild.tickets.ticket import Ticket
from maild.tickets.workflow import Phase

EXCERPT = 160
SHOWN = 4000
BEGINNING = 60


def _list(argument: str, agent: Agent, words: Vocabulary) -> Wanted:
    _require_query(argument, agent, words)

    def ask(reader: Reader) -> Section:
        found = reader.find(argument)
        shown, total = len(found.tickets), found.total
        more = f", the first {shown} here" if total > shown else ""
        rows = tuple(_row(each, reader) for each in found.tickets)
        return Section(f"{_counted(total, 'ticket')}{more}", columns=_COLUMNS, rows=rows)

    return Wanted(ask=ask)


def _require_query(argument: str, agent: Agent, words: Vocabulary) -> None:
    """A wrong query is a wrong line: found before anything is done."""
    try:
        resolve(parse_query(words.views.get(argument.strip().casefold(), argument)), words.setting(agent))
    except QueryError as error:
        raise WrongCommand(str(error), "see #help list") from error


_COLUMNS = ("number", "subject", "status", "priority", "assignee", "customer", "changed")


def _row(ticket: Ticket, reader: Reader) -> Row:
    cells = (
        reader.label(ticket.number),
        ticket.subject,
        ticket.status,
        ticket.priority,
        ticket.assignee or "unassigned",
        ticket.requester.name or ticket.requester.address,
        reader.local(ticket.updated_at),
    )
    return Row(cells, ticket.number, _actions(ticket))


def _actions(ticket: Ticket) -> tuple[str, ...]:
    """What one most likely does next, by one click; the first also where there is room for one only."""
    if ticket.phase in (Phase.RESOLVED, Phase.CLOSED):
        return ("show", "open")
    return ("begin", "show", "note", "assign") if ticket.assignee is None else ("show", "note", "resolve")


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _search(argument: str, _agent: Agent, _words: Vocabulary) -> Wanted:
    if not argument:
        raise WrongCommand("the words to look for are missing", 'write #search printer "paper jam"')

    def ask(reader: Reader) -> Section:
        places = reader.search(argument)
        rows = tuple(
            Row(
                (
                    reader.label(each.ticket.number),
                    each.ticket.subject,
                    each.author,
                    reader.local(each.at),
                    each.excerpt[:EXCERPT],
                ),
                each.ticket.number,
                ("show",),
            )
            for each in places
        )
        return Section(_found(len(rows)), columns=_PLACES, rows=rows)

    return Wanted(ask=ask)


def _found(places: int) -> str:
    if not places:
        return "nothing has these words"
    return f"found in {_counted(places, 'message')}{', the newest first' if places > 1 else ''}"


_PLACES = ("number", "subject", "from", "at", "words")


def _which(argument: str, words: Vocabulary) -> int:
    """The ticket's number; without one, the ticket that the mail belongs to."""
    if not argument and words.known.own:
        return words.known.own
    return ticket_named(argument, words).number


def _seen(reader: Reader, number: int) -> Ticket:
    ticket = reader.ticket(number)
    if ticket is None:
        raise WrongCommand(f"there is no ticket {reader.label(number)}", "look it up with #list or #search")
    return ticket


def _show(argument: str, _agent: Agent, words: Vocabulary) -> Wanted:
    number = _which(argument, words)

    def ask(reader: Reader) -> Section:
        ticket = _seen(reader, number)
        shown = reader.messages(ticket.number)
        texts = (_message(place, each, reader) for place, each in enumerate(shown, 1))
        # On the ticket's own transcript the card below says the rest.
        rows = () if number == words.known.own else (_row(ticket, reader),)
        return Section(
            f"{ticket.subject}: {_counted(len(shown), 'message')}",
            text="\n\n――――\n\n".join(texts),
            columns=_COLUMNS,
            rows=rows,
        )

    return Wanted(ask=ask)


def _message(place: int, shown: Shown, reader: Reader) -> str:
    """`place` is the number that `#split` takes."""
    files = "".join(f"\n[file: {name}]" for name in shown.files)
    head = f"{place}. {shown.author}, {reader.local(shown.at)}{SEEN_BY.get(shown.visibility, '')}"
    return f"{head}\n\n{shown.text[:SHOWN]}{files}"


SEEN_BY = {"internal": " (internal note)", "supplier": " (with the supplier)"}


def _history(argument: str, _agent: Agent, words: Vocabulary) -> Wanted:
    number = _which(argument, words)

    def ask(reader: Reader) -> Section:
        ticket = _seen(reader, number)
        # What is due when follows from all else, and changes with most events: the card shows it.
        events = [each for each in reader.history(ticket.number) if not isinstance(each[1].change, ClocksChanged)]

        said = {(each.at, each.visibility): each.text for each in reader.messages(ticket.number)}
        rows = tuple(_acts(events, ticket.number, said, reader))
        return Section(f"{ticket.subject}: {_counted(len(rows), 'event')}", columns=_EVENTS, rows=rows)

    return Wanted(ask=ask)


def _acts(
    events: Sequence[tuple[int, Event]], number: int, said: Mapping[tuple[datetime, str], str], reader: Reader
) -> Iterator[Row]:
    """A row for each event; when, who and by what are said once for all that one mail (or timer) did."""
    before: tuple[str, ...] = ()
    for at, event in events:
        act = (reader.local(event.at), _who(event))
        here = "" if at == number else f"{reader.label(at)} "
        why = f"why: {event.reason}" if event.reason else ""
        what = f"{here}{told(event.change, reader)}{_began(event, said)}"
        yield Row((*(("", "") if act == before else act), what, why))
        before = act


def _began(event: Event, said: Mapping[tuple[datetime, str], str]) -> str:
    """How the words of a filed message begin."""
    if not isinstance(event.change, MessageFiled):
        return ""
    line = " ".join(said.get((event.at, event.change.visibility), "").split())
    short = line if len(line) <= BEGINNING else f"{line[:BEGINNING].rstrip()}…"
    return f": “{short}”" if short else ""


def _who(event: Event) -> str:
    """`agent:alice` by `inbound:7` as people say it."""
    side, _, name = event.actor.partition(":")
    who = {"agent": name, "system": "maild"}.get(side, f"{name} ({side})")
    kind, _, number = event.cause.partition(":")
    how = {"inbound": f"mail {number.partition('/')[0]}", "timer": "the clock"}.get(kind, event.cause)
    return f"{who}, by {how}" if how else who


_EVENTS = ("at", "who", "what", "why")


def _customer(argument: str, _agent: Agent, words: Vocabulary) -> Wanted:
    box = mailbox(argument) if argument else None
    if argument and box is None:
        raise WrongCommand(f"'{argument}' is no mail address", "write #customer jane@customer.test")
    if box is None and not words.known.own:
        raise WrongCommand("an address is missing", "write #customer jane@customer.test")

    def ask(reader: Reader) -> Section:
        address = box.address if box else _seen(reader, words.known.own).requester.address
        found = reader.customer(address)
        rated = [each.rating for each in found if each.rating is not None]
        open_ones = sum(each.phase not in (Phase.RESOLVED, Phase.CLOSED) for each in found)
        open_words = f", {open_ones or 'none'} open" if found else ""
        result = f"{address}: {_counted(len(found), 'ticket')}{open_words}{_rated(rated)}"
        return Section(result, columns=_COLUMNS, rows=tuple(_row(each, reader) for each in found))

    return Wanted(ask=ask)


def _rated(ratings: Sequence[int]) -> str:
    if not ratings:
        return ""
    mean = f"{sum(ratings) / len(ratings):.1f}".removesuffix(".0")
    return f", rated {mean} of 5" + (f" ({len(ratings)} times)" if len(ratings) > 1 else "")


def _canned(argument: str, _agent: Agent, words: Vocabulary) -> Wanted:
    found = named(argument.lstrip("/"), words.canned) if argument else None
    if argument and found is None:
        known = tuple(each.name for each in words.canned)
        hint = nearest(argument, known) if known else "an admin puts them into canned_dir"
        raise WrongCommand(f"there is no canned response '{argument}'", hint)
    if found is not None:
        return Wanted(ask=lambda _reader: Section(f"/{found.name}: {found.title}", text=found.text))
    rows = tuple(Row((f"/{each.name}", each.category, each.title)) for each in words.canned)
    columns = ("name", "category", "title")
    return Wanted(ask=lambda _reader: Section(_counted(len(rows), "canned response"), columns=columns, rows=rows))


LIST = Command(
    name="list",
    usage="#list [query or view]",
    summary="Lists tickets: a query such as is:open assignee:me, or the name of a view.",
    example="#list is:unassigned priority:>=high",
    verb=Verb.READ,
    read=_list,
    takes_text=True,
    scope=Scope.DESK,
)
SEARCH = Command(
    name="search",
    usage="#search WORDS",
    summary="Looks for words in subjects, mails and notes.",
    example='#search "paper jam" printer',
    verb=Verb.READ,
    read=_search,
    takes_text=True,
    scope=Scope.DESK,
    aliases=("find",),
)
SHOW = Command(
    name="show",
    usage="#show [NUMBER]",
    summary="Shows a ticket with all its messages.",
    example="#show TICK-1001",
    verb=Verb.READ,
    read=_show,
    scope=Scope.DESK,
)
HISTORY = Command(
    name="history",
    usage="#history [NUMBER]",
    summary="Shows who changed what, when and why.",
    example="#history TICK-1001",
    verb=Verb.READ,
    read=_history,
    scope=Scope.DESK,
)
CUSTOMER = Command(
    name="customer",
    usage="#customer [ADDRESS]",
    summary="Shows a customer's earlier tickets.",
    example="#customer jane@customer.test",
    verb=Verb.READ,
    read=_customer,
    scope=Scope.DESK,
)
CANNED = Command(
    name="canned",
    usage="#canned [NAME]",
    summary="Lists the canned responses, or shows one; /NAME in your text inserts it.",
    example="#canned reset-password",
    verb=Verb.READ,
    read=_canned,
    scope=Scope.DESK,
)
