"""What beats: the tick, the look at maild itself, and what a stepped clock would keep asleep."""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from maild.config import Config
from maild.desk import watch
from maild.desk.leader import Lease, end_hanging
from maild.desk.outcomes import RESEND_AFTER
from maild.desk.recover import end_waits_by_another_clock, sweep, worker_name
from maild.desk.room import Room
from maild.desk.tick import tick
from maild.errors import MaildError, StorageBroken, TransientError

log = logging.getLogger("maild")
TICK_SECONDS = 5
WATCH_SECONDS = 60
JOBS = 2  # the tick and the watch, a thread each: every thread that ever ran one keeps its connection to SQLite
SET_BACK = timedelta(seconds=5)


class Pulse:
    """APScheduler is only the pulse: deadlines are rows, and a missed beat is made up by the next one.

    Of several processes the one with the lease does what is due. `look` is for those, too, that are never started.
    `broke` is told when storage is broken, and by which beat that was found.
    """

    def __init__(self, room: Room, config: Config, broke: Callable[[str, StorageBroken], None]) -> None:
        self.config = config
        self._room = room
        self._broke = broke
        self._lease = Lease(room, "scheduler", worker_name("scheduler"))
        self._scheduler: BackgroundScheduler | None = None
        self._ahead: datetime | None = None

    def start(self) -> None:
        """Begins to beat, on threads of its own."""
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        executors = {"default": ThreadPoolExecutor(JOBS)}
        self._scheduler = BackgroundScheduler(executors=executors, timezone=UTC, job_defaults=defaults)
        self._scheduler.add_job(self._beat, "interval", ("tick", self._tick), seconds=TICK_SECONDS)
        self._scheduler.add_job(self._beat, "interval", ("watch", self._watch), seconds=WATCH_SECONDS)
        self._scheduler.start()

    def stop(self) -> None:
        """Waits for what has begun, and lets the lease go."""
        if self._scheduler:
            self._scheduler.shutdown(wait=True)
            self._lease.free()

    def look(self) -> None:
        """Asked every moment: a clock that was set back would let the pulse sleep until it has caught up (APScheduler
        plans by the time of day), and with it all that waits for a time."""
        ahead = self._room.clock() - timedelta(seconds=time.monotonic())
        if self._ahead is not None and self._ahead - ahead > SET_BACK:
            log.warning("the clock was set back by=%s", self._ahead - ahead)
            try:
                self._end_waits_by_another_clock()
            except StorageBroken as error:
                self._broke("clock", error)
            except TransientError as error:
                log.warning("waits end within a minute error=%s", error)
        self._ahead = ahead
        self._wake_sleepers()

    def _wake_sleepers(self) -> None:
        """Jobs that would sleep past their interval. Looked at each time: one that began in the moment of the step
        plans its next run by the time before it."""
        now = self._room.clock()
        for job in self._scheduler.get_jobs() if self._scheduler else ():
            if job.next_run_time is not None and job.next_run_time - now > job.trigger.interval + SET_BACK:
                job.modify(next_run_time=now)

    def _end_waits_by_another_clock(self) -> None:
        """At once when the clock is seen to be set back; and each minute, for it may have been while nobody looked."""
        leases, wait = self.config.leases, max(*self.config.delivery.retry, RESEND_AFTER) * 2
        changed = end_waits_by_another_clock(self._room, max(leases.inbound, leases.outbox), wait)
        if changed:
            log.info("due again rows=%d", changed)

    def _beat(self, name: str, work: Callable[[], None]) -> None:
        try:
            if self._lease.hold():
                work()
        except StorageBroken as error:
            self._broke(name, error)
        except MaildError as error:
            log.warning("%s rests error=%s", name, error)

    def _tick(self) -> None:
        if hanging := end_hanging(self._room):
            log.warning("ended what frozen processes had begun sessions=%d", hanging)
        for done in tick(self._room, self._room.clock(), self._lease):
            log.info("timer ticket=%d kind=%s due=%s", done.ticket, done.kind, done.due_at.isoformat())

    def _watch(self) -> None:
        self._end_waits_by_another_clock()
        watch.look(self._room, self.config.desk.alarm_webhook)
        sweep(self._room)
