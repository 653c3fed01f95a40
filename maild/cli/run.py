"""`maild run`: the daemon in the foreground; SIGTERM drains, SIGHUP reloads."""

import gc
import itertools
import logging
import signal
import sys
import threading

import click

from maild.cli import memory
from maild.cli.options import given_config, log_to_stderr, with_config
from maild.daemon import ROLES, Daemon
from maild.errors import ConfigError, MaildError
from maild.store import wake

log = logging.getLogger("maild")
LOOK_SECONDS = 1.0
GIVE_BACK_LOOKS = 60


@click.command("run", help="Run the daemon in the foreground.")
@click.option("--only", help="Some of smtp,imap,worker,scheduler,delivery: spread the roles over processes.")
@with_config
@click.pass_context
def command(ctx: click.Context, only: str | None) -> int:
    """Runs until SIGTERM or SIGINT; 0 after a clean drain, 1 when storage failed."""
    log_to_stderr()
    heap = memory.heap_of_this_process()
    memory.bound(heap)
    config = given_config(ctx)
    for warning in config.warnings:
        log.warning("%s", warning)
    done, again = threading.Event(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    signal.signal(signal.SIGHUP, lambda *_: again.set())
    daemon = Daemon(config, only=_roles(only, ROLES))
    with wake.hung(daemon.room):
        try:
            daemon.start()
            # What was loaded stays: a full collection that walks through it takes as long as twenty mails.
            gc.collect()
            gc.freeze()
            click.echo("ready" + "".join(f" {place.replace(' ', '=')}" for place in daemon.places))
            sys.stdout.flush()
            looks = itertools.count(1)
            while not done.wait(LOOK_SECONDS) and daemon.broken is None:
                daemon.look()
                if next(looks) % GIVE_BACK_LOOKS == 0:
                    memory.give_back(heap)
                if again.is_set():
                    again.clear()
                    _reload(ctx, daemon)
        finally:
            daemon.stop()
    return 1 if daemon.broken else 0


def _roles(only: str | None, known: tuple[str, ...]) -> tuple[str, ...]:
    roles = tuple(role.strip() for role in only.split(",")) if only else known
    for role in roles:
        if role not in known:
            raise click.UsageError(f"there is no role '{role}'; there are {', '.join(known)}")
    return roles


def _reload(ctx: click.Context, daemon: Daemon) -> None:
    """An invalid new file leaves the old one in force."""
    try:
        daemon.reload(given_config(ctx))
        log.info("reloaded")
    except ConfigError as error:
        for problem in error.problems:
            log.error("not reloaded: %s", problem)
    except MaildError as error:
        log.error("not reloaded: %s", error)
