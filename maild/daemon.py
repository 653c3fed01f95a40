"""Puts the parts together: config → room, door, loops, pulse; starts them, drains them, reloads them."""

import fcntl
import logging
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO

from maild import parts
from maild.clock import Clock, utc_now
from maild.config import Config
from maild.desk.accept import Acceptor
from maild.desk.front_door import FrontDoor
from maild.desk.leader import Lease
from maild.desk.recover import recover, worker_name
from maild.desk.room import open_room, reload_book
from maild.desk.work import Worker
from maild.errors import ConfigError, StorageBroken
from maild.intake.from_config import smtp_settings
from maild.intake.imap_watch import ImapWatcher
from maild.intake.listener import Listener
from maild.pulse import Pulse
from maild.reading.pool import ReadingPool
from maild.resources import data_dir

log = logging.getLogger("maild")
ROLES = ("smtp", "imap", "worker", "scheduler", "delivery")
RENEW_SECONDS = 4.0
DRAIN_SECONDS = 10.0


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
        self._pulse = Pulse(self.room, config, self._broke)

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
        self._door = door = FrontDoor(self.room, self._acceptor, parts.passwords(self._config))
        starters: tuple[tuple[str, Callable[[FrontDoor], None]], ...] = (
            ("worker", self._start_worker),
            ("delivery", self._start_delivery),
            ("scheduler", lambda _door: self._pulse.start()),
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
        self._pulse.stop()
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
            self._door.passwords = parts.passwords(config)
        if self._worker is not None:
            self._worker.checks = parts.dkim_checks(config)
        self._pulse.config = self._config = config

    def look(self) -> None:
        """Asked every moment, by every process: whether the clock was set back."""
        self._pulse.look()

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

    def _broke(self, name: str, error: StorageBroken) -> None:
        log.critical("storage is broken loop=%s error=%s", name, error)
        self._broken = error

    def _loop(self, name: str, run: Callable[[], None]) -> None:
        def guarded() -> None:
            try:
                run()
            except StorageBroken as error:
                self._broke(name, error)
            except Exception as error:  # the one broad door of each loop: a dead loop must end the daemon, loudly
                log.exception("loop died loop=%s", name)
                self._broken = error

        thread = threading.Thread(target=guarded, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _start_worker(self, _door: FrontDoor) -> None:
        self._pool = parts.readers(self._config, self.room)
        batch, lease = self._config.worker.batch, self._config.leases.inbound
        self._worker = worker = Worker(
            self.room, self._pool, worker_name("worker"), batch, lease, parts.dkim_checks(self._config)
        )
        self._loop("worker", lambda: worker.run(self._stop))

    def _start_delivery(self, _door: FrontDoor) -> None:
        senders = parts.deliverers(self._config, self.room, self._config.delivery.connections)
        for number, sender in enumerate(senders, start=1):
            self._loop(f"delivery-{number}", partial(sender.run, self._stop))

    def _start_imap(self, door: FrontDoor) -> None:
        for watcher in parts.watchers(self._config, self.room, door):
            lease = Lease(self.room, watcher.name, worker_name("imap"))
            self._loop(watcher.name, partial(self._watch, watcher, lease))

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
        """Whatever ends the keeping lets the mailbox go; a broken store shows itself at the next `hold` there."""
        try:
            while not self._stop.wait(RENEW_SECONDS) and lease.hold():
                pass
        except StorageBroken as error:
            log.warning("lease is not kept error=%s", error)
        finally:
            let_go.set()

    def _start_smtp(self, door: FrontDoor) -> None:
        if self._config.smtp is not None:
            self._listener = Listener(smtp_settings(self._config), door, self.room.clock)
            self._listener.start()
