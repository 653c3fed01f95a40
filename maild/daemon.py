"""Puts the parts together: config → room, door, loops, pulse; starts them, drains them, reloads them."""

import fcntl
import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import SystemRandom
from typing import IO

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from maild.clock import Clock, utc_now
from maild.config import Config
from maild.desk import watch
from maild.desk.accept import Acceptor
from maild.desk.bookmarks import StoredBookmarks
from maild.desk.deliver import LEASE, RESEND_AFTER, Deliverer, Policy
from maild.desk.front_door import FrontDoor
from maild.desk.leader import Lease, end_hanging
from maild.desk.recover import end_waits_by_another_clock, recover, sweep, worker_name
from maild.desk.room import Room, open_room, reload_book
from maild.desk.tick import tick
from maild.desk.troubles import tell_admins
from maild.desk.work import Checks, Worker
from maild.errors import ConfigError, MaildError, StorageBroken, TransientError
from maild.intake.from_config import imap_account, smtp_settings
from maild.intake.imap_account import ImapAccount
from maild.intake.imap_plan import Bookmark
from maild.intake.imap_watch import ImapWatcher
from maild.intake.listener import Listener
from maild.outbox.pace import Pace
from maild.outbox.render import Templates
from maild.outbox.transport import Transport
from maild.reading.pool import ReadingPool
from maild.resources import data_dir
from maild.transport import Meter, TransportOptions, open_relays

log = logging.getLogger("maild")
ROLES = ("smtp", "imap", "worker", "scheduler", "delivery")
TICK_SECONDS = 5
WATCH_SECONDS = 60
JOBS = 2  # the pulse and the watch, a thread each: every thread that ever ran one keeps its connection to SQLite
SET_BACK = timedelta(seconds=5)
RENEW_SECONDS = 4.0
DRAIN_SECONDS = 10.0


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


class Daemon:
    """`maild run`. `start()` returns once everything listens; `stop()` drains."""

    def __init__(self, config: Config, *, only: tuple[str, ...] = ROLES, clock: Clock = utc_now) -> None:
        self._config = config
        self._only = only
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._lock: IO[str] | None = None
        self._broken: BaseException | None = None
        self._listener: Listener | None = None
        self._scheduler: BackgroundScheduler | None = None
        self._ahead: datetime | None = None
        self._pool: ReadingPool | None = None
        self._worker: Worker | None = None
        self._acceptor: Acceptor | None = None
        self._door: FrontDoor | None = None
        self._lock_store()
        try:
            self.room = open_room(config, data_dir("migrations"), clock)
        except BaseException:
            if self._lock:
                self._lock.close()
            raise
        self._lease = Lease(self.room, "scheduler", worker_name("scheduler"))

    @property
    def places(self) -> tuple[str, ...]:
        """Where it listens: `smtp 127.0.0.1:2525`, `lmtp unix:/run/maild/lmtp`."""
        return tuple(str(place) for place in self._listener.addresses) if self._listener else ()

    @property
    def smtp_place(self) -> tuple[str, int]:
        """Host and port of the first SMTP port; there must be one."""
        assert self._listener is not None
        first = next(place for place in self._listener.addresses if place.port)
        return first.host, first.port

    @property
    def broken(self) -> BaseException | None:
        """Why the daemon must end: storage that lies, or a loop that died."""
        return self._broken or (self._acceptor.broken if self._acceptor else None)

    def start(self) -> None:
        """Recovers what a crash left, then starts the loops of its roles."""
        freed = recover(self.room)
        if freed:
            log.info("recovered claims=%d", freed)
        self._acceptor = Acceptor(self.room)
        self._door = door = FrontDoor(self.room, self._acceptor, _passwords(self._config))
        starters: tuple[tuple[str, Callable[[FrontDoor], None]], ...] = (
            ("worker", self._start_worker),
            ("delivery", self._start_delivery),
            ("scheduler", self._start_scheduler),
            ("imap", self._start_imap),
            ("smtp", self._start_smtp),
        )
        for role, start in starters:
            if role in self._only:
                start(door)

    def stop(self) -> None:
        """Ends intake first, then lets the loops finish what they hold."""
        if self._listener:
            self._listener.drain(DRAIN_SECONDS)
        self._stop.set()
        self.room.mail_came.set()
        self.room.mail_waits.set()
        if self._scheduler:
            self._scheduler.shutdown(wait=True)
            self._lease.free()
        for thread in self._threads:
            thread.join(timeout=DRAIN_SECONDS)
        if self._acceptor:
            self._acceptor.close()
        if self._pool:
            self._pool.close()
        self.room.store.close()
        if self._lock:
            self._lock.close()

    def reload(self, config: Config) -> None:
        """Rules, people, limits and certificates change at once; ports, mailboxes and the database need a restart."""
        reload_book(self.room, config)
        if self._listener is not None and config.smtp is not None:
            self._listener.reconfigure(smtp_settings(config))
        if self._door is not None:
            self._door.passwords = _passwords(config)
        if self._worker is not None:
            self._worker.checks = dkim_checks(config)
        self._config = config

    def _lock_store(self) -> None:
        """On SQLite one daemon only: a second one would share no memory with the first (F28)."""
        if not self._config.database_url.startswith("sqlite"):
            return
        path = Path(self._config.database_url.partition(":///")[2].partition("?")[0] + ".lock")
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = path.open("a")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            words = "another maild runs on this SQLite database; several need PostgreSQL"
            raise ConfigError([f"{path}: {words}"]) from error

    def _loop(self, name: str, run: Callable[[], None]) -> None:
        def guarded() -> None:
            try:
                run()
            except StorageBroken as error:
                log.critical("storage is broken loop=%s error=%s", name, error)
                self._broken = error
            except Exception as error:  # the one broad door of each loop: a dead loop must end the daemon, loudly
                log.exception("loop died loop=%s", name)
                self._broken = error

        thread = threading.Thread(target=guarded, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _start_worker(self, _door: FrontDoor) -> None:
        self._pool = readers(self._config, self.room)
        batch, lease = self._config.worker.batch, self._config.leases.inbound
        self._worker = worker = Worker(
            self.room, self._pool, worker_name("worker"), batch, lease, dkim_checks(self._config)
        )
        self._loop("worker", lambda: worker.run(self._stop))

    def _start_delivery(self, _door: FrontDoor) -> None:
        senders = deliverers(self._config, self.room, self._config.delivery.connections)
        for number, sender in enumerate(senders, start=1):
            self._loop(f"delivery-{number}", partial(sender.run, self._stop))

    def _start_scheduler(self, _door: FrontDoor) -> None:
        """APScheduler is only the pulse: deadlines are rows, and a missed beat is made up by the next one."""
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        executors = {"default": ThreadPoolExecutor(JOBS)}
        self._scheduler = BackgroundScheduler(executors=executors, timezone=UTC, job_defaults=defaults)
        self._scheduler.add_job(self._pulse, "interval", seconds=TICK_SECONDS)
        self._scheduler.add_job(self._watch_itself, "interval", seconds=WATCH_SECONDS)
        self._scheduler.start()

    def look(self) -> None:
        """Asked every moment: a clock that was set back would let the pulse sleep until it has caught up (APScheduler
        plans by the time of day), and with it all that waits for a time."""
        ahead = self.room.clock() - timedelta(seconds=time.monotonic())
        if self._ahead is not None and self._ahead - ahead > SET_BACK:
            log.warning("the clock was set back by=%s", self._ahead - ahead)
            try:
                self._end_waits_by_another_clock()
            except StorageBroken as error:
                self._broken = error
            except TransientError as error:
                log.warning("waits end within a minute error=%s", error)
        self._ahead = ahead
        self._wake_sleepers()

    def _wake_sleepers(self) -> None:
        """Jobs that would sleep past their interval. Looked at each time: one that began in the moment of the step
        plans its next run by the time before it."""
        now = self.room.clock()
        for job in self._scheduler.get_jobs() if self._scheduler else ():
            if job.next_run_time is not None and job.next_run_time - now > job.trigger.interval + SET_BACK:
                job.modify(next_run_time=now)

    def _end_waits_by_another_clock(self) -> None:
        """At once when the clock is seen to be set back; and each minute, for it may have been while nobody looked."""
        wait = max(*self._config.delivery.retry, RESEND_AFTER) * 2
        changed = end_waits_by_another_clock(self.room, max(self._config.leases.inbound, LEASE), wait)
        if changed:
            log.info("due again rows=%d", changed)

    def _pulse(self) -> None:
        try:
            if self._lease.hold():
                if hanging := end_hanging(self.room):
                    log.warning("ended what frozen processes had begun sessions=%d", hanging)
                for done in tick(self.room, self.room.clock(), self._lease):
                    log.info("timer ticket=%d kind=%s due=%s", done.ticket, done.kind, done.due_at.isoformat())
        except StorageBroken as error:
            self._broken = error
        except MaildError as error:
            log.warning("tick rests error=%s", error)

    def _watch_itself(self) -> None:
        try:
            if self._lease.hold():
                self._end_waits_by_another_clock()
                watch.look(self.room, self._config.desk.alarm_webhook)
                sweep(self.room)
        except MaildError as error:
            log.warning("watch rests error=%s", error)

    def _start_imap(self, door: FrontDoor) -> None:
        for entry in self._config.imap:
            account = imap_account(entry, self._config.limits.message_bytes)
            watcher = self._watcher(account, door)
            lease = Lease(self.room, watcher.name, worker_name("imap"))
            self._loop(watcher.name, partial(self._watch, watcher, lease))

    def _watcher(self, account: ImapAccount, door: FrontDoor) -> ImapWatcher:
        def told(event: str) -> Callable[[str, str], None]:
            return lambda name, words: tell_admins(self.room, event, name, words)

        marks = StoredBookmarks(self.room, Bookmark)
        clock = self.room.clock
        return ImapWatcher(account, door, marks, clock, told("mailbox_trouble"), told("mailbox_recovered"))

    def _watch(self, watcher: ImapWatcher, lease: Lease) -> None:
        """One process reads a mailbox at a time; whoever loses the lease lets go (RELIABILITY F28)."""
        while not self._stop.is_set():
            if not lease.hold():
                self._stop.wait(RENEW_SECONDS)
                continue
            let_go = threading.Event()
            keeper = threading.Thread(target=self._keep, args=(lease, let_go), daemon=True)
            keeper.start()
            watcher.run(let_go)
            keeper.join()
        lease.free()

    def _keep(self, lease: Lease, let_go: threading.Event) -> None:
        while not self._stop.wait(RENEW_SECONDS):
            if not lease.hold():
                break
        let_go.set()

    def _start_smtp(self, door: FrontDoor) -> None:
        if self._config.smtp is not None:
            self._listener = Listener(smtp_settings(self._config), door, self.room.clock)
            self._listener.start()


def _passwords(config: Config) -> dict[str, str]:
    return {name: secret.get_secret_value() for name, secret in config.passwords.items()}
