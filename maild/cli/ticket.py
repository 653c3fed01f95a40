"""`maild ticket list|show|do`: the desk's tickets from the command line."""

from typing import Any

import click
from click.shell_completion import CompletionItem

from maild.cli.options import json_option, limit_option, open_desk, print_json, print_table, ticket_number, with_config
from maild.cli.ticket_json import ticket_json, whole_ticket_json
from maild.commands import COMMANDS
from maild.commands.reader import Section
from maild.desk import by_hand
from maild.errors import PermanentError


@click.group("ticket", help="List, show and change tickets.")
def command() -> None:
    """The group."""


@command.command("list", help="Tickets that match a query, such as: is:open assignee:alice created:>7d printer")
@click.argument("query", nargs=-1)
@limit_option
@json_option
@with_config
@click.pass_context
def list_(ctx: click.Context, query: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Last changed first."""
    _, room = open_desk(ctx)
    found = by_hand.find_tickets(room, " ".join(query), None if as_json else limit)
    if as_json:
        print_json([ticket_json(ticket, room.book) for ticket in found])
        return
    rows = (
        (
            room.book.label(each.number),
            each.status,
            each.priority,
            each.assignee or "–",
            each.requester,
            each.subject[:60],
        )
        for each in found
    )
    print_table("", ("number", "status", "priority", "assignee", "requester", "subject"), rows)


@command.command("show", help="One ticket with its messages and history.")
@click.argument("number")
@json_option
@with_config
@click.pass_context
def show(ctx: click.Context, number: str, as_json: bool) -> None:
    """Everything about one ticket."""
    _, room = open_desk(ctx)
    whole = by_hand.whole_ticket(room, ticket_number(room, number))
    if whole is None:
        raise PermanentError(f"there is no ticket {number}")
    found = whole_ticket_json(*whole, room.book)
    if as_json:
        print_json(found)
    else:
        _print(found)


def _print(found: dict[str, Any]) -> None:
    requester = found["requester"]
    click.echo(f"{found['number']}  {found['subject']}")
    click.echo(f"{found['status']}, {found['priority']}, from {requester['name']} <{requester['address']}>")
    click.echo(f"assignee {found['assignee'] or '–'}, tags {', '.join(found['tags']) or '–'}\n")
    for message in found["messages"]:
        click.echo(
            f"── {message['at']}  {message['from'] or 'unknown'}  ({message['direction']}, {message['visibility']})"
        )
        click.echo(message["new_text"] + "\n")
        for file in message["attachments"]:
            click.echo(f"   file: {file['name']} ({file['size']} bytes)")
    rows = (
        (each["at"], each["actor"], each["kind"], _short(each["old"]), _short(each["new"]), each["reason"])
        for each in found["events"]
        if each["kind"] != "clocks"  # where the clocks stand follows from the rest
    )
    print_table("History", ("at", "who", "what", "old", "new", "why"), rows)


def _short(value: object) -> str:
    if isinstance(value, dict):
        shown = value.get("status") or value.get("direction") or value.get("address") or value.get("subject") or ""
        return str(shown)[:40]
    return "" if value is None else str(value)[:40]


def completed(_ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """The commands that begin so, for the shell."""
    return [
        CompletionItem(f"#{each.name}", help=each.summary)
        for each in COMMANDS
        if f"#{each.name}".startswith(begun or "#")
    ]


def _print_section(line: str, section: Section) -> None:
    click.echo(f"{line}: {section.result}")
    if section.text:
        click.echo(f"\n{section.text}\n")
    if section.rows:
        print_table("", section.columns or ("",), (row.cells for row in section.rows))


@command.command("do", help="The same commands as by mail: maild ticket do TICK-1001 '#close'")
@click.argument("number")
@click.argument("lines", nargs=-1, required=True, shell_complete=completed)
@click.option("--as", "name", help="The agent who acts (default: the first admin).")
@json_option
@with_config
@click.pass_context
def do(ctx: click.Context, number: str, lines: tuple[str, ...], name: str | None, as_json: bool) -> None:
    """All or nothing."""
    from maild.desk.act import act_on

    _, room = open_desk(ctx)
    directory = room.book.directory
    admins = [agent for agent in directory.agents if agent.role in ("admin", "super-admin")]
    agent = directory.agent_named(name) if name else next(iter([*admins, *directory.agents]), None)
    if agent is None:
        known = ", ".join(each.name for each in directory.agents) or "none: add [[agents]] to the config"
        raise PermanentError(f"there is no agent '{name or ''}'; there are {known}")
    acted = act_on(room, ticket_number(room, number), "\n".join(lines), agent)
    ticket = acted.ticket
    if as_json:
        print_json(ticket_json(ticket, room.book))
    else:
        for line, section in acted.told:
            _print_section(line, section)
        click.echo(
            f"{room.book.label(ticket.number)} is {ticket.status}, {ticket.priority}, assignee {ticket.assignee or '–'}"
        )
