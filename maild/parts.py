"""The daemon's parts as the config wants them, also for the commands that need one of them alone."""

from collections.abc import Callable
from random import SystemRandom

from maild.config import Config
from maild.desk.bookmarks import StoredBookmarks
from maild.desk.deliver import Deliverer
from maild.desk.front_door import FrontDoor
from maild.desk.outcomes import Policy
from maild.desk.recover import worker_name
from maild.desk.room import Room
from maild.desk.troubles import tell_admins
from maild.desk.work import Checks
from maild.intake.from_config import imap_account
from maild.intake.imap_plan import Bookmark
from maild.intake.imap_watch import ImapWatcher
from maild.outbox.pace import Pace
from maild.outbox.render import Templates
from maild.outbox.transport import Transport
from maild.reading.pool import ReadingPool
from maild.resources import data_dir
from maild.transport import Meter, TransportOptions, open_relays


def readers(config: Config, room: Room) -> ReadingPool:
    """The reading children as the config wants them."""
    return ReadingPool(config.worker.readers, room.book.hints, config.limits.mail)


def templates(config: Config) -> Templates:
    """The admin's templates over the built-in ones."""
    own = (config.desk.templates_dir,) if config.desk.templates_dir else ()
    desk = {"name": config.desk.name, "address": config.desk.address, "language": config.desk.language}
    return Templates((*own, data_dir("templates")), desk)


def deliverer(config: Config, room: Room) -> Deliverer:
    """One deliverer over the configured relays."""
    return deliverers(config, room, 1)[0]


def deliverers(config: Config, room: Room, count: int) -> tuple[Deliverer, ...]:
    """Deliverers side by side, each with its connection; they share the relays' limits and pace, and the templates."""
    delivery, words, limits, pace = config.delivery, templates(config), meters(config), Pace()
    policy = Policy(delivery.retry, delivery.give_up_after, delivery.unknown == "resend", config.leases.outbox)
    return tuple(
        Deliverer(
            room,
            transport(config, limits),
            words,
            policy,
            worker_name("delivery"),
            SystemRandom(),
            pace=pace,
            place=place,
        )
        for place in range(count)
    )


def meters(config: Config) -> tuple[Meter | None, ...]:
    """The limits of the relays, in their order."""
    return tuple(Meter(rate) if rate else None for rate in config.delivery.rates)


def transport(config: Config, limits: tuple[Meter | None, ...] = ()) -> Transport:
    """The way out that the config names."""
    options = TransportOptions(ca_file=config.delivery.ca_file, helo=config.desk.host)
    return open_relays(config.delivery.urls, options, limits)


def dkim_checks(config: Config) -> Checks | None:
    """Who verifies agents' DKIM signatures, where the config wants that; only then the extra `auth` is needed."""
    wish = config.authentication
    if not wish.check_dkim:
        return None
    from maild.desk.lookup import DnsLookup, RememberingLookup
    from maild.desk.verifier import Verifier

    nameserver = (wish.nameserver.host, wish.nameserver.port) if wish.nameserver else None
    return Verifier(RememberingLookup(DnsLookup(nameserver)), wish.dns_timeout.total_seconds())


def passwords(config: Config) -> dict[str, str]:
    """Who may log in to the submission ports, and with what."""
    return {name: secret.get_secret_value() for name, secret in config.passwords.items()}


def watchers(config: Config, room: Room, door: FrontDoor) -> tuple[ImapWatcher, ...]:
    """One watcher for each mailbox; admins are told when one cannot be read, and when it can again."""

    def told(event: str) -> Callable[[str, str], None]:
        return lambda name, words: tell_admins(room, event, name, words)

    marks, most = StoredBookmarks(room, Bookmark), config.limits.message_bytes
    return tuple(
        ImapWatcher(
            imap_account(entry, most), door, marks, room.clock, told("mailbox_trouble"), told("mailbox_recovered")
        )
        for entry in config.imap
    )
