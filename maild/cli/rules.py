"""`maild rules list|test`: the admin's rules, and why each of them fires or not."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from maild.cli.options import given_config, json_option, open_desk, print_json, print_table, ticket_number, with_config
from maild.config import Config, load_or_make_secret
from maild.desk import by_hand
from maild.desk.rulebook import Rulebook, rulebook_of
from maild.desk.trying_rules import Trial, Tried, every_text, on_mail, on_ticket, rule_json, tried_json
from maild.errors import PermanentError
from maild.rules import Rule
from maild.store import Store

MARKS = {True: "✓", False: "✗"}


@click.group("rules", help="The desk's rules, and why each fires or not.")
def command() -> None:
    """The group."""


@command.command("list", help="Every rule in the order in which they run.")
@json_option
@with_config
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """As the config says them."""
    rules = given_config(ctx).rules
    if as_json:
        print_json([rule_json(rule) for rule in rules])
        return
    rows = ((rule.name, _set_off_by(rule), rule.written or "(always)", _then(rule)) for rule in rules)
    print_table("", ("name", "on", "when", "then"), rows)


def _set_off_by(rule: Rule) -> str:
    return ", ".join([*sorted(rule.on), *([f"every {every_text(rule.every)}"] if rule.every else [])])


def _then(rule: Rule) -> str:
    return "; ".join([*map(str, rule.then), *(["stop"] if rule.stop else [])])


@command.command("test", help="What each rule would do about a mail (a file) or a ticket, and which word decides.")
@click.argument("what")
@json_option
@with_config
@click.pass_context
def test(ctx: click.Context, what: str, as_json: bool) -> None:
    """Writes nothing. On a ticket every rule is asked as if it were set off now."""
    found = list(_mails(ctx, Path(what))) if Path(what).is_file() else [_ticket(ctx, what)]
    if as_json:
        print_json([_json(title, trial) for title, trial in found])
        return
    for title, trial in found:
        _print(title, trial)


def _ticket(ctx: click.Context, what: str) -> tuple[str, Trial]:
    _, room = open_desk(ctx)
    try:
        whole = by_hand.whole_ticket(room, ticket_number(room, what))
        if whole is None:
            raise PermanentError(f"there is no file and no ticket {what}")
        ticket, rows, _, _ = whole
        trial = on_ticket(ticket, (row.new_text for row in rows), room.book, room.clock())
        return f"{room.book.label(ticket.number)}  {ticket.subject}", trial
    finally:
        room.store.close()


def _mails(ctx: click.Context, path: Path) -> Iterator[tuple[str, Trial]]:
    from maild.clock import utc_now
    from maild.desk.explain import explain
    from maild.intake.files import read_files
    from maild.mail.envelope import Envelope, Via
    from maild.reading.pool import ReadingPool

    config = given_config(ctx)
    with _known(config) as (book, store):
        pool = ReadingPool(1, book.hints, config.limits.mail)
        try:
            for name, content in read_files((str(path),), sys.stdin.buffer):
                now = utc_now()
                told = explain(pool.submit(content).result(), Envelope(Via.FILE, now), book, store, now)
                yield f"{name}  {told.mail.subject}  ({told.decision.reason})", on_mail(told.decision, book, now)
        finally:
            pool.close()


@contextmanager
def _known(config: Config) -> Iterator[tuple[Rulebook, Store | None]]:
    """The rulebook, and the tickets where there is a database already."""
    from maild.store import open_store

    url = config.database_url
    is_there = not url.startswith("sqlite") or Path(url.partition(":///")[2].partition("?")[0]).exists()
    # Without a key of the desk nothing verifies, which is what a desk that was never started would say, too.
    keys = load_or_make_secret(config.secret_file) if config.secret_file.exists() else (b"rules",)
    store = open_store(url) if is_there else None
    try:
        yield rulebook_of(config, keys), store
    finally:
        if store is not None:
            store.close()


def _json(title: str, trial: Trial) -> dict[str, Any]:
    return {
        "what": title,
        "happened": sorted(trial.triggers),
        "rules": [tried_json(each) for each in trial.rules],
        "log": list(trial.log),
    }


def _print(title: str, trial: Trial) -> None:
    click.secho(title, bold=True)
    if trial.triggers:
        click.echo(f"  happened: {', '.join(sorted(trial.triggers))}")
    if not trial.rules:
        click.echo("  no rule is asked: nothing changes on a ticket, or there are no rules")
    for tried in trial.rules:
        _print_one(tried)
    click.echo()


def _print_one(tried: Tried) -> None:
    rule, answer = tried.rule, tried.asked
    click.echo(f"  {MARKS[tried.fires]} {rule.name}")
    if tried.set_off is not None:
        click.echo(f"      {MARKS[tried.set_off]} {_set_off_by(rule)}")
    for part in answer.parts:
        failed = f"   failed: {', '.join(part.failed)}" if part.failed else ""
        click.echo(f"      {MARKS[part.holds]} {part.written}{failed}")
    if answer.wrong:
        click.echo(f"      {MARKS[False]} {answer.wrong}")
    if tried.fires:
        click.echo(f"      → {tried.would}")
    elif tried.was_stopped:
        click.echo(f"      {MARKS[False]} a rule before it says stop")
