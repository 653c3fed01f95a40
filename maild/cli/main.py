"""`maild`: the group of commands, loaded only when asked for, and the one place where errors become lines and codes."""

import importlib
import io
import os
import sys
import traceback
from pathlib import Path

import click

from maild import __version__
from maild.errors import ConfigError, MaildError

# In the order that an admin meets them.
COMMANDS = (
    ("demo", "maild.cli.demo", "Play a whole conversation, with nothing configured."),
    ("init", "maild.cli.init", "Write a commented starter configuration."),
    ("check", "maild.cli.check", "Say what is wrong in configuration and templates, and where."),
    ("migrate", "maild.cli.migrate", "Create or upgrade the database schema."),
    ("run", "maild.cli.run", "Run the daemon in the foreground."),
    ("ingest", "maild.cli.ingest", "Take in mails from stdin, .eml, mbox or Maildir."),
    ("explain", "maild.cli.explain", "Show what would become of a mail, and why; writes nothing."),
    ("reparse", "maild.cli.reparse", "Read kept mails again after an upgrade and take their texts over."),
    ("tick", "maild.cli.tick", "Do everything that is due, once."),
    ("ticket", "maild.cli.ticket", "List, show and change tickets."),
    ("rules", "maild.cli.rules", "The desk's rules, and why each fires or not."),
    ("outbox", "maild.cli.outbox", "Mails that have not left yet."),
    ("quarantine", "maild.cli.quarantine", "Mails that could not be handled, or wait for a person."),
    ("template", "maild.cli.template", "Mails as they will look, and what is wrong in their templates."),
    ("report", "maild.cli.report", "Numbers about the desk."),
)


class Commands(click.Group):
    """Loads a command's file when it is called: `maild ingest` in a mail server's pipe must start fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the table."""
        return [name for name, _, _ in COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name."""
        module = next((module for name, module, _ in COMMANDS if name == cmd_name), None)
        if module is None:
            return None
        command: click.Command = importlib.import_module(module).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Names the commands there are when the word is none of them."""
        if args and not any(args[0] == name for name, _, _ in COMMANDS):
            ctx.fail(f"there is no command '{args[0]}'; there are {', '.join(self.list_commands(ctx))}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table, without loading anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, _, words in COMMANDS])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="maild")
@click.option("-c", "--config", type=click.Path(path_type=Path), help="Configuration file (default: maild.toml here).")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
@click.pass_context
def group(ctx: click.Context, config: Path | None, debug: bool) -> None:
    """maild, an email-driven helpdesk: mail in, events, mail out."""
    ctx.ensure_object(dict)
    ctx.obj["config"] = config
    ctx.obj["debug"] = debug


def main() -> None:
    """Runs a command; every error is one line (or one line per mistake) on stderr, and a code."""
    os.umask(0o077)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without UTF-8 must not end a command
    debug = "--debug" in sys.argv
    try:
        code = group(standalone_mode=False, obj={})
    except click.exceptions.Abort:
        code = 130
    except click.ClickException as error:
        code = _usage(error)
    except ConfigError as error:
        code = _tell(error.problems, 2, debug=debug)
    except MaildError as error:
        code = _tell([str(error)], 1, debug=debug)
    except UnicodeEncodeError:
        code = _tell(["words on the command line must be UTF-8"], 64 if _is_ingest() else 2, debug=debug)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    except OSError as error:
        code = _tell([f"{error.filename or 'a file'}: {error.strerror or error}"], _bug_code(), debug=debug)
    except Exception as error:  # noqa: BLE001 - a bug of ours: one line and a code, the traceback on request
        code = _tell([f"unexpected {type(error).__name__}: {error} (--debug shows where)"], _bug_code(), debug=debug)
    sys.exit(code if isinstance(code, int) else 0)


def _is_ingest() -> bool:
    """By the first word that names a command: a mail or a query may hold the word, too."""
    names = {name for name, _, _ in COMMANDS}
    return next((word for word in sys.argv[1:] if word in names), None) == "ingest"


def _bug_code() -> int:
    """A mail server's pipe must keep the mail whatever breaks here (sysexits 75)."""
    return 75 if _is_ingest() else 1


def _usage(error: click.ClickException) -> int:
    print(f"maild: {error.format_message()}", file=sys.stderr)
    return 64 if _is_ingest() and isinstance(error, click.UsageError) else 2


def _tell(lines: list[str], code: int, *, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    for line in lines:
        print(line if code == 2 else f"maild: {line}", file=sys.stderr)
    return code
