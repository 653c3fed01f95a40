"""maild under measurement: its configuration, its processes, and what stands in its database afterwards."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from weakref import finalize

import sqlalchemy as sa

from bench.client import send
from bench.corpus import DESK, Mail
from bench.processes import ROOT, Process, Weight
from bench.sink import Sink
from bench.worlds import World

CONFIG = """
[desk]
name = "The Desk"
address = "{desk}"
secret_file = "secret.key"
data_dir = "data"

[database]
url = "{url}"

[smtp]
listen = "127.0.0.1:0"

[limits]
connections_per_peer = 100

[delivery]
url = "smtp://127.0.0.1:{relay}"

# The corpus has few customers and all of them write in one minute: the caps against robots are not what is measured.
[automatic]
per_address_per_hour = 1000000
per_address_per_day = 1000000
per_address_in_a_row = 1000000
same_text_per_hour = 1000000
reopens_per_day = 1000000
tickets_per_sender = 1000000

[[agents]]
name = "alice"
email = "alice@desk.test"
"""
LOOK_SECONDS = 0.01
PATIENCE_SECONDS = 180


@dataclass(frozen=True, slots=True)
class Sample:
    """One measured step."""

    per_second: float
    cpu_ms: float
    resident_mb: float


def expected_notices(mails: Sequence[Mail]) -> int:
    """A new ticket is told to customer and agent, a reply to the agent."""
    return sum(2 if mail.after is None else 1 for mail in mails)


def expected_tickets(mails: Sequence[Mail]) -> int:
    """Every mail that answers none opens one."""
    return sum(mail.after is None for mail in mails)


class Desk:
    """One maild over one world."""

    def __init__(self, world: World, sink: Sink) -> None:
        self.world = world
        self._sink = sink
        self._config = world.folder / "maild.toml"
        self._config.write_text(CONFIG.format(desk=DESK, url=world.url, relay=sink.port))
        self._engine = world.engine() if world.is_sqlite else _one_session(world.url)
        finalize(self, self._engine.dispose)
        self._server = _server_pid(self._engine)

    def command(self, *words: str) -> list[str]:
        """A maild command line."""
        return [sys.executable, "-m", "maild", *words, "-c", str(self._config)]

    def run(self, only: str | None = None, wrapped: tuple[str, ...] = ()) -> Process:
        """`maild run`, ready."""
        command = self.command("run", *(("--only", only) if only else ()))
        if wrapped:
            command = [*wrapped, *command[3:]]
        return Process(command, self.world.folder / "log", "ready")

    def migrate(self) -> None:
        """PostgreSQL wants its schema made by hand; SQLite makes its own."""
        if not self.world.is_sqlite:
            subprocess.run(self.command("migrate"), cwd=ROOT, check=True, capture_output=True)

    def weigh(self, process: Process) -> Weight:
        """maild's processes, and the database server's where there is one."""
        weight = process.weigh()
        if self._server is None:
            return weight
        server = process.weigh(self._server)
        return Weight(weight.at, weight.cpu + server.cpu, weight.written + server.written, weight.resident_mb)

    def count(self, query: str) -> int:
        """One number out of the database."""
        with self._engine.connect() as connection:
            return int(connection.execute(sa.text(query)).scalar_one())

    def accept(self, mails: Sequence[Mail], warm: Sequence[Mail], connections: int) -> Sample:
        """Accepted, durably, by the listener alone."""
        with self.run("smtp") as process:
            send(process.port, warm, connections)
            before = self.weigh(process)
            seconds = send(process.port, mails, connections)
            after = self.weigh(process)
        self._check("SELECT count(*) FROM inbound WHERE state = 'received'", len(mails) + len(warm))
        return _sample(len(mails), seconds, before, after)

    def handle(self, mails: Sequence[Mail], warm: Sequence[Mail]) -> Sample:
        """A spool that waits becomes tickets and rows of the outbox, by the worker alone."""
        waiting = "SELECT count(*) FROM inbound WHERE state = 'received'"
        had = self.count("SELECT count(*) FROM tickets")
        with self.run("worker") as process:
            # Counted from when the readers have started: what a start costs is not what a mail costs.
            self.until(process, lambda: self.count(waiting) <= len(mails))
            left, before = self.count(waiting), self.weigh(process)
            self.until(process, lambda: self.count(waiting) == 0)
            after = self.weigh(process)
        self._check("SELECT count(*) FROM tickets", had + expected_tickets((*warm, *mails)))
        return _sample(left, after.at - before.at, before, after)

    def deliver(self, mails: Sequence[Mail], warm: Sequence[Mail]) -> Sample:
        """An outbox that waits reaches the relay, by the deliverer alone; per notice, not per mail."""
        start = self._sink.counts().mails
        total = expected_notices((*warm, *mails))
        with self.run("delivery") as process:
            self.until(process, lambda: self._sink.counts().mails >= start + expected_notices(warm))
            first, before = self._sink.counts(), self.weigh(process)
            self.until(process, lambda: self._sink.counts().mails >= start + total)
            last = self._sink.counts()
            self._settled(process)
            after = self.weigh(process)
        return _sample(last.mails - first.mails, last.at - before.at, before, after)

    def end_to_end(self, mails: Sequence[Mail], warm: Sequence[Mail], connections: int) -> Sample:
        """From the first MAIL until the relay has the last notice; all of maild in one process and its readers."""
        with self.run() as process:
            self.whole(process, warm, connections)
            before = self.weigh(process)
            seconds = self.whole(process, mails, connections)
            after = self.weigh(process)
        return _sample(len(mails), seconds, before, after)

    def whole(self, process: Process, mails: Sequence[Mail], connections: int) -> float:
        """Sends mails and waits for all their notices; gives the seconds until the relay had the last one."""
        goal = self._sink.counts().mails + expected_notices(mails)
        began = time.monotonic()
        send(process.port, mails, connections)
        self.until(process, lambda: self._sink.counts().mails >= goal)
        seconds = self._sink.counts().at - began
        self._settled(process)
        return seconds

    def latencies(self, mails: Sequence[Mail], warm: Sequence[Mail]) -> list[float]:
        """Milliseconds from the 250 until the relay has the last notice, of an idle maild."""
        found = []
        with self.run() as process:
            self.whole(process, warm, 1)
            for mail in mails:
                goal = self._sink.counts().mails + expected_notices([mail])
                send(process.port, [mail], 1)
                kept = time.monotonic()
                self.until(process, lambda goal=goal: self._sink.counts().mails >= goal)
                found.append((self._sink.counts().at - kept) * 1000)
        return found

    def _settled(self, process: Process) -> None:
        pending = "SELECT count(*) FROM outbox WHERE state IN ('pending', 'sending')"
        self.until(process, lambda: self.count(pending) == 0)

    def until(self, process: Process, reached: Callable[[], bool], patience: float = PATIENCE_SECONDS) -> None:
        """Waits for something; a process that ended, or that takes too long, ends the bench."""
        deadline = time.monotonic() + patience
        while not reached():
            if not process.alive() or time.monotonic() > deadline:
                raise SystemExit(f"bench: maild did not get there\n{process.last_words()}")
            time.sleep(LOOK_SECONDS)

    def _check(self, query: str, wanted: int) -> None:
        if (found := self.count(query)) != wanted:
            raise SystemExit(f"bench: {found} where {wanted} was due: {query}\nsee {self.world.folder}/log")


def _sample(count: int, seconds: float, before: Weight, after: Weight) -> Sample:
    return Sample(count / seconds, (after.cpu - before.cpu) / count * 1000, after.resident_mb)


def _one_session(url: str) -> sa.Engine:
    """PostgreSQL spends as much on a new session as on a mail."""
    return sa.create_engine(url, pool_size=1, pool_pre_ping=True)


def _server_pid(engine: sa.Engine) -> int | None:
    """The database server's first process, when it runs on this machine: the parent of our backend."""
    if engine.dialect.name != "postgresql":
        return None
    with engine.connect() as connection:
        backend = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
        status = Path(f"/proc/{backend}/status")
        lines = status.read_text().splitlines() if status.exists() else []
    parent = next((int(line.split()[1]) for line in lines if line.startswith("PPid:")), None)
    return parent if lines and "postgres" in lines[0] else None
