"""`maild template preview|check`: mails as they will look, with sample values, and what is wrong in them (OUT-1)."""

from pathlib import Path

import click

from maild.cli.options import given_config, print_table, with_config
from maild.config import Config, builtin, find_config
from maild.errors import ConfigError, PermanentError
from maild.outbox.audiences import EVENTS
from maild.outbox.outgoing import Rendered
from maild.outbox.render import Templates


@click.group("template", help="Mails as they will look, and what is wrong in their templates.")
def command() -> None:
    """The group."""


@command.command("preview", help="A mail with sample values; without EVENT the list of all mails.")
@click.argument("event", required=False)
@click.option("--language", "-l", help="Default: the desk's.")
@click.option("--form", type=click.Choice(("text", "html")), default="text", show_default=True)
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="A file instead of stdout.")
@with_config
@click.pass_context
def preview(ctx: click.Context, event: str | None, language: str | None, form: str, output: Path | None) -> None:
    """Never hides a mistake behind the built-in template, as sending does."""
    config = _config(ctx)
    templates = _templates(config)
    if event is None:
        print_table("", ("mail", "for"), EVENTS.items())
        return
    if event not in EVENTS:
        raise click.UsageError(f"there is no mail '{event}'; there are {', '.join(EVENTS)}")
    words = templates.preview(event, _language(templates, language or config.desk.language))
    text = _shown(words, form, event)
    if output:
        output.write_text(text, encoding="utf-8")
    else:
        click.echo(text, nl=False)


@command.command("check", help="Every mistake of all templates, each with its place.")
@with_config
@click.pass_context
def check(ctx: click.Context) -> None:
    """Renders every mail in every language with full and with sparse values; sends nothing."""
    templates = _templates(_config(ctx))
    problems = templates.check()
    if problems:
        raise ConfigError(problems)
    click.echo(f"{len(EVENTS)} mails in {', '.join(templates.languages())}: fine")


def _config(ctx: click.Context) -> Config:
    """The named or found configuration; the built-in one where there is none."""
    if not ctx.obj.get("config"):
        try:
            find_config(None)
        except ConfigError:
            return builtin()
    return given_config(ctx)


def _templates(config: Config) -> Templates:
    from maild.parts import templates

    return templates(config)


def _language(templates: Templates, wanted: str) -> str:
    known = templates.languages()
    if wanted.partition("-")[0] not in {each.partition("-")[0] for each in known}:
        raise click.UsageError(f"there is no language '{wanted}'; there are {', '.join(known)}")
    return wanted


def _shown(words: Rendered, form: str, event: str) -> str:
    if form == "text":
        return f"Subject: {words.subject}\n\n{words.text}"
    if words.html is None:
        raise PermanentError(f"{event} has a text form only in this language")
    return words.html
