"""`#list`, `#search`, `#show`, `#history`, `#customer`, `#canned`: questions that the desk answers by mail."""

from maild.commands.add import mailbox
from maild.commands.canned import named
from maild.commands.command import Command, Scope, Vocabulary, Wanted, WrongCommand, nearest
from maild.commands.reader import Reader, Row, Section
from maild.commands.told import told
from maild.tickets.people import Agent
from maild.tickets.query import QueryError, parse_query, resolve
from maild.tickets.roles import Verb
from maild.tickets.ticket import Ticket
from maild.tickets.workflow import Phase

EXCERPT = 160
SHOWN = 4000


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


_COLUMNS = ("number", "status", "priority", "assignee", "customer", "subject", "changed")


def _row(ticket: Ticket, reader: Reader) -> Row:
    cells = (
        reader.label(ticket.number),
        ticket.status,
        ticket.priority,
        ticket.assignee or "–",
        str(ticket.requester.name or ticket.requester.address),
        ticket.subject,
        reader.local(ticket.updated_at),
    )
    return Row(cells, ticket.number, _actions(ticket))


def _actions(ticket: Ticket) -> tuple[str, ...]:
    """What one most likely does next, by one click."""
    if ticket.phase in (Phase.RESOLVED, Phase.CLOSED):
        return ("show", "open")
    return ("show", "take", "resolve") if ticket.assignee is None else ("show", "note", "resolve")


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _search(argument: str, _agent: Agent, _words: Vocabulary) -> Wanted:
    if not argument:
        raise WrongCommand("the words to look for are missing", 'write #search printer "paper jam"')

    def ask(reader: Reader) -> Section:
        places = reader.search(argument)
        rows = tuple(
            Row(
                (reader.label(each.ticket.number), reader.local(each.at), each.author, each.excerpt[:EXCERPT]),
                each.ticket.number,
                ("show",),
            )
            for each in places
        )
        words = "the newest places" if rows else "nothing has these words"
        return Section(f"{len(rows)} found, {words}" if rows else words, columns=_PLACES, rows=rows)

    return Wanted(ask=ask)


_PLACES = ("number", "at", "from", "words")


def _which(argument: str, words: Vocabulary, name: str) -> int:
    """The ticket's number; without one, the ticket that the mail belongs to."""
    digits = argument.strip("[]# ").upper().removeprefix(f"{words.prefix.upper()}-")
    if not argument and words.known.own:
        return words.known.own
    if digits.isascii() and digits.isdigit() and len(digits) <= 12:
        return int(digits)
    wrong = f"'{argument}' is no ticket number" if argument else "a ticket number is missing"
    raise WrongCommand(wrong, f"write #{name} {words.prefix}-1001")


def _seen(reader: Reader, number: int) -> Ticket:
    ticket = reader.ticket(number)
    if ticket is None:
        raise WrongCommand(f"there is no ticket {reader.label(number)}", "look it up with #list or #search")
    return ticket


def _show(argument: str, _agent: Agent, words: Vocabulary) -> Wanted:
    number = _which(argument, words, "show")

    def ask(reader: Reader) -> Section:
        ticket = _seen(reader, number)
        texts = [
            f"{each.author}, {reader.local(each.at)}{_marked(each.visibility)}\n\n{each.text[:SHOWN]}"
            + "".join(f"\n[file: {name}]" for name in each.files)
            for each in reader.messages(ticket.number)
        ]
        return Section(
            f"{reader.label(ticket.number)} {ticket.subject}",
            text="\n\n――――\n\n".join(texts),
            columns=_COLUMNS,
            rows=(_row(ticket, reader),),
        )

    return Wanted(ask=ask)


def _marked(visibility: str) -> str:
    return "" if visibility == "public" else f" ({visibility})"


def _history(argument: str, _agent: Agent, words: Vocabulary) -> Wanted:
    number = _which(argument, words, "history")

    def ask(reader: Reader) -> Section:
        ticket = _seen(reader, number)
        events = reader.history(ticket.number)

        def here(at: int) -> str:
            return "" if at == ticket.number else f"{reader.label(at)} "

        rows = tuple(
            Row(
                (
                    reader.local(event.at),
                    event.actor,
                    f"{here(at)}{told(event.change, reader)}",
                    event.reason,
                    event.cause,
                )
            )
            for at, event in events
        )
        return Section(f"{reader.label(ticket.number)}: {_counted(len(rows), 'event')}", columns=_EVENTS, rows=rows)

    return Wanted(ask=ask)


_EVENTS = ("at", "who", "what", "why", "caused by")


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
        told_rating = f", rated {sum(rated) / len(rated):.1f} of 5 ({len(rated)})" if rated else ""
        result = f"{address}: {_counted(len(found), 'ticket')}, {open_ones} open{told_rating}"
        return Section(result, columns=_COLUMNS, rows=tuple(_row(each, reader) for each in found))

    return Wanted(ask=ask)


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
