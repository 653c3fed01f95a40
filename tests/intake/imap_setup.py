"""A poller with fakes around it and short patience, as the tests want it."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from maild.intake.imap_account import After, ImapAccount, Security, Timing
from maild.intake.imap_watch import ImapWatcher
from tests.intake.imap_door import FakeBookmarks, FakeDoor, Told

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
QUICK = Timing(
    connect=2.0, read=1.0, command=1.0, slowest_bytes_per_second=10_000_000, idle=1.5, idle_slice=0.2, idle_answer=1.0,
    durable=5.0, pace=0.05,
)  # fmt: skip


class NoChance(Random):
    """Backs off for no longer than it must, so that tests don't wait."""

    def uniform(self, a: float, b: float) -> float:
        return 0.0


@dataclass
class Desk:
    """What stands around a poller."""

    port: int
    door: FakeDoor = field(default_factory=FakeDoor)
    bookmarks: FakeBookmarks = field(default_factory=FakeBookmarks)
    told: Told = field(default_factory=Told)
    settings: dict[str, Any] = field(default_factory=dict)
    timing: Timing = QUICK
    now: datetime = NOW

    def account(self) -> ImapAccount:
        plain: dict[str, Any] = {
            "host": "127.0.0.1",
            "username": "support",
            "password": "secret",
            "security": Security.NONE,
            "after": After.NOTHING,
            "start": "all",
        }
        return ImapAccount(port=self.port, **(plain | self.settings))

    def watcher(self) -> ImapWatcher:
        return ImapWatcher(
            self.account(),
            self.door,
            self.bookmarks,
            lambda: self.now,
            self.told.trouble,
            self.told.recovery,
            timing=self.timing,
            dice=NoChance(1),
        )

    def poll(self) -> int:
        watcher = self.watcher()
        try:
            return watcher.poll_once()
        finally:
            watcher.close()

    @contextlib.contextmanager
    def running(self) -> Iterator[ImapWatcher]:
        stop = threading.Event()
        watcher = self.watcher()
        thread = threading.Thread(target=watcher.run, args=(stop,))
        thread.start()
        try:
            yield watcher
        finally:
            stop.set()
            thread.join(20)
            assert not thread.is_alive()
