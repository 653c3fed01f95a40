"""What most faults need: a desk in a folder of its own, its relay, senders that never give up, and the verdict."""

import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.faults.checker import Seen, Verdict, check
from tests.faults.fault import Trial
from tests.faults.nursery import Forked, Nursery
from tests.faults.relay import Relay
from tests.faults.source import FILE_SIZES, Letter, Source, conversations
from tests.faults.told import Teller
from tests.servers.process import Running
from tests.servers.product import Desk, eventually

SETTLES_WITHIN = 300.0


class ForkedRunning(Running):
    """A daemon that the nursery forked."""

    def __init__(self, forked: Forked) -> None:
        super().__init__(forked)  # type: ignore[arg-type]  # it has what is asked of a Popen
        self.forked = forked

    def send(self, number: int) -> None:
        self.forked.send_signal(number)

    def wait(self, seconds: float) -> int:
        """The exit code, once it has ended by itself."""
        return self.forked.wait(seconds)


class QuickDesk(Desk):
    """A desk whose daemon is forked, not started anew; everything else is as in `Desk`."""

    nursery: Nursery

    def begin(self, *words: str, gated: bool = False, first: str = "run") -> ForkedRunning:
        """`maild run` (or another command), without waiting for `ready`."""
        with (self.folder / "maild.log").open("ab") as log:
            given = [first, "-c", str(self.config), *words]
            return ForkedRunning(self.nursery.start(given, self.folder, log.fileno(), gated=gated))

    def start(self, *words: str) -> ForkedRunning:
        running = self.begin(*words)
        try:
            running.wait_until_ready()
        except BaseException as error:
            running.kill()
            raise AssertionError(f"{error}\n{self.log}") from error
        return running


@dataclass(slots=True)
class House:
    """One desk under trial."""

    desk: QuickDesk
    relay: Relay
    ask: Teller
    trial: Trial
    random: Random
    seen: Seen = field(default_factory=Seen)
    in_mailboxes: list[Letter] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)

    @property
    def letters(self) -> list[Letter]:
        """All that was sent, by every way."""
        return [*self.in_mailboxes, *(letter for source in self.sources for letter in source.taken)]

    def senders(
        self, conversations_: int, threads: int = 8, pace: float = 0.0, files: Sequence[int] = FILE_SIZES
    ) -> Source:
        """Threads that send so many conversations, until each mail is taken; `pace`: seconds between two of a thread.
        `files`: how many bytes the file of a first mail may have."""
        start = 10_000 * len(self.sources)
        source = Source(self.desk.port, threads, conversations(conversations_, self.random, start, files))
        source.pace = pace
        source.allow(conversations_)
        self.sources.append(source)
        return source

    def settle(self, *, within: float = SETTLES_WITHIN) -> float:
        """Waits until all that was taken is filed and what may leave has left; gives the seconds (I10)."""
        began = time.monotonic()
        for source in self.sources:
            self.trial.must(
                f"all senders were served within {within:.0f} s: {dict(source.codes)}", hold=source.finish(within)
            )
        taken = sum(letter.acknowledged for letter in self.letters)
        try:
            eventually(lambda: is_quiet(self.seen, self.ask, taken), "the end of the backlog", within)
        except AssertionError as error:
            self.trial.wrong.append(f"{error}: {self.seen.messages} of {taken} messages")
        return time.monotonic() - began

    def verdict(self) -> Verdict:
        """I1 to I7 and I14, from the ledger, the relay's record and the commands' JSON."""
        before = len(self.relay.mails)  # a mail to the admins may still leave while we look
        self.seen.look(self.ask)
        self.seen.read_whole(self.ask)
        mails = list(self.relay.mails)
        verdict = check(self.letters, self.seen, mails, self.relay.in_doubt, late=len(mails) - before)
        self.trial.wrong += verdict.wrong
        codes: Counter[int | None] = sum((source.codes for source in self.sources), Counter())
        permanent = {code: count for code, count in codes.items() if code and code >= 500}
        self.trial.must(f"no 5yz for a fault of ours: {permanent}", hold=not permanent)
        schema = self.desk.cli("migrate")
        self.trial.must(f"the schema is current: {schema}", hold="already" in schema)
        answers = ", ".join(f"{code or 'cut'} {count}" for code, count in sorted(codes.items(), key=str))
        self.trial.see(f"{len(self.letters)} mails, answers {answers}; {verdict}")
        return verdict


def is_quiet(seen: Seen, ask: Teller, taken: int) -> bool:
    """Everything that was taken is filed or set aside, and what may leave has left."""
    waiting = ask("outbox", "list") or []
    in_doubt = {row["ticket"] for row in waiting if row["last_reply"]}
    if any(row["state"] == "sending" or row["ticket"] not in in_doubt for row in waiting):
        return False  # the cheap question first: the whole list is long at the end of a campaign
    seen.look(ask)
    return seen.messages + len(seen.quarantine) >= taken and has_left(seen)


def has_left(seen: Seen) -> bool:
    """Nothing waits to leave but what waits for an outcome that is unknown."""
    unsent = {number for number, row in seen.outbox.items() if row["state"] in ("pending", "sending")}
    return unsent <= seen.behind_the_unknown()


@contextmanager
def house(
    trial: Trial,
    *,
    folder: Path | None = None,
    database: str = "sqlite:///maild.db",
    extra: str = "",
    relay: Relay | None = None,
    environment: Mapping[str, str] | None = None,
    delivery: str = "",
) -> Iterator[House]:
    """A desk that does not run yet."""
    place = folder or trial.folder / "desk"
    place.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        given = relay or Relay()
        stack.enter_context(given)
        for name, value in (environment or {}).items():
            stack.callback(_restore, name, os.environ.get(name))
            os.environ[name] = value
        desk = QuickDesk(place, delivery=delivery or given.url, database=database, extra=extra)
        desk.nursery = stack.enter_context(Nursery({}))
        yield House(desk, given, stack.enter_context(Teller(desk.config)), trial, Random(trial.seed))


def _restore(name: str, value: str | None) -> None:
    if value is None:
        del os.environ[name]
    else:
        os.environ[name] = value
