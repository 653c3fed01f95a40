"""The worker: poison goes aside with its reasons, our own faults are laid at no mail's door."""

from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
import sqlalchemy as sa

from maild.desk import by_hand
from maild.desk.accept import Acceptor
from maild.desk.door import Spooled
from maild.desk.work import MOST_CRASHES, Worker
from maild.errors import StorageBroken, TransientError
from maild.ids import sha256_hex
from maild.mail.envelope import Envelope, Via
from maild.mail.model import InboundMail
from maild.store import Tx, inbound
from maild.store.blobs import INLINE_BYTES, Blobs
from maild.store.contents_disk import DiskContents
from tests.desk_driver import DeskDriver, ReadHere, written


class Chokes:
    """Reads all mails but those that say POISON."""

    def __init__(self, desk: DeskDriver, error: Exception) -> None:
        self._here = ReadHere(desk.room.book)
        self._error = error

    def submit(self, source: bytes) -> "Future[InboundMail]":
        if b"POISON" not in source:
            return self._here.submit(source)
        failed: Future[InboundMail] = Future()
        failed.set_exception(self._error)
        return failed

    def warm(self) -> None:
        return None


def _spooled(desk: DeskDriver, *sources: bytes) -> list[int]:
    return [desk.acceptor.submit(each, Envelope(Via.SMTP, desk.clock())).result(10) for each in sources]


def _row(desk: DeskDriver, number: int) -> object:
    with desk.room.store.read() as tx:
        return inbound.one(tx, number)


def test_a_mail_that_cannot_be_read_goes_to_quarantine_with_reason_and_traceback(desk: DeskDriver) -> None:
    poison, good = _spooled(desk, written(body="POISON\n"), written())
    worker = Worker(desk.room, Chokes(desk, ZeroDivisionError("division by zero")), "test/0/worker/2")

    states = [(done.inbound, done.state) for done in worker.drain()]
    desk.deliverer.drain()

    assert states == [(poison, "received"), (good, "filed"), (poison, "received"), (poison, "failed")]
    row = _row(desk, poison)
    assert row.reason == "ZeroDivisionError: division by zero"  # type: ignore[attr-defined]
    assert "ZeroDivisionError" in row.trace  # type: ignore[attr-defined]
    told = desk.relay.to("root@acme.test")
    assert [each.event for each in told] == ["quarantined"]
    assert "division by zero" in told[0].text


def test_admins_are_told_once_an_hour_however_much_poison_comes(desk: DeskDriver) -> None:
    worker = Worker(desk.room, Chokes(desk, ZeroDivisionError("no")), "test/0/worker/2")

    for hour in range(2):
        _spooled(desk, *(written(body=f"POISON {hour} {place}\n") for place in range(5)))
        worker.drain()
        desk.clock.advance(minutes=61)

    desk.deliverer.drain()
    assert [each.event for each in desk.relay.to("root@acme.test")] == ["quarantined"] * 2


def test_the_same_poison_once_more_is_set_aside_once(desk: DeskDriver) -> None:
    mail = written(body="POISON\n")
    first, second = _spooled(desk, mail, mail)
    worker = Worker(desk.room, Chokes(desk, ZeroDivisionError("no")), "test/0/worker/2")

    worker.drain()

    assert (_row(desk, first).state, _row(desk, second).state) == ("failed", "ignored")  # type: ignore[attr-defined]


def test_a_fault_that_passes_is_not_counted_against_the_mails(desk: DeskDriver) -> None:
    numbers = _spooled(desk, written(), written(body="POISON\n"), written())
    worker = Worker(desk.room, Chokes(desk, TransientError("the disk is full")), "test/0/worker/2")

    for _ in range(9):
        with pytest.raises(TransientError):
            worker.drain()

    first, second, third = (_row(desk, number) for number in numbers)
    assert first.state == "filed"  # type: ignore[attr-defined]
    assert [(each.state, each.attempts, each.leased_by) for each in (second, third)] == [("received", 0, None)] * 2  # type: ignore[attr-defined]
    assert {done.state for done in desk.worker.drain()} == {"filed"}


class AwayOnce(Blobs):
    """Contents that cannot be reached at the first look, as when the database goes away after a claim."""

    def get(self, tx: Tx, sha256: str) -> bytes:
        if not hasattr(self, "was_away"):
            self.was_away = True
            raise TransientError("the database is not usable now")
        return super().get(tx, sha256)


def test_a_store_that_goes_away_between_claim_and_reading_costs_no_mail_anything(desk: DeskDriver) -> None:
    numbers = _spooled(desk, written(), written())
    desk.room.blobs = AwayOnce(desk.room.blobs.folder)

    with pytest.raises(TransientError):
        desk.worker.work_once()

    assert [(_row(desk, each).attempts, _row(desk, each).leased_by) for each in numbers] == [(0, None)] * 2  # type: ignore[attr-defined]
    assert [done.state for done in desk.worker.drain()] == ["filed", "filed"]


class SlowDisk(DiskContents):
    """Large contents that are only kept once another mail was accepted meanwhile."""

    def __init__(self, folder: Path, desk: DeskDriver) -> None:
        super().__init__(folder)
        self._desk = desk

    def put(self, sha256: str, content: bytes) -> None:
        if not self.has(sha256):
            self._desk.acceptor.submit(written(body="another\n"), Envelope(Via.SMTP, self._desk.clock())).result(10)
        super().put(sha256, content)


def test_nobody_waits_for_a_large_attachment_on_its_way_to_where_it_is_kept(desk: DeskDriver) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "jane@customer.test", "support@acme.test", "A photograph"
    mail.add_attachment(b"\xff" * (INLINE_BYTES + 1), "image", "jpeg", filename="photo.jpg")
    _spooled(desk, mail.as_bytes())
    folder = desk.room.blobs.folder
    desk.room.blobs = Blobs(folder, SlowDisk(folder, desk))

    assert [done.state for done in desk.worker.drain()] == ["filed", "filed"]


def test_a_mail_at_which_the_process_died_too_often_goes_aside_unread(desk: DeskDriver) -> None:
    [number] = _spooled(desk, written())
    for _ in range(MOST_CRASHES):
        _claim(desk, "test/0/worker/dies")

    [done] = desk.worker.drain() or [None]  # type: ignore[list-item]
    assert done is None
    desk.clock.advance(minutes=5)
    [done] = desk.worker.drain()

    assert (done.inbound, done.state) == (number, "failed")
    assert "crashed-handler" in done.reason


def test_of_a_mail_that_came_twice_one_may_go_aside_and_is_known_when_somebody_releases_it(desk: DeskDriver) -> None:
    mail = written()
    first, second = _spooled(desk, mail, mail)
    for _ in range(MOST_CRASHES):
        _claim(desk, "test/0/worker/dies")
    desk.clock.advance(minutes=5)
    states = [(done.inbound, done.state) for done in desk.worker.drain()]

    by_hand.release(desk.room, first)
    [again] = desk.worker.drain()

    assert states == [(first, "failed"), (second, "filed")]
    assert (again.inbound, again.state) == (first, "ignored")
    assert "was handled before" in again.reason
    assert len(desk.messages()) == 1


def test_a_mail_survives_as_many_crashes_as_are_allowed(desk: DeskDriver) -> None:
    [number] = _spooled(desk, written())
    for _ in range(MOST_CRASHES - 1):
        _claim(desk, "test/0/worker/dies")
    desk.clock.advance(minutes=5)

    assert [(done.inbound, done.state) for done in desk.worker.drain()] == [(number, "filed")]


def _claim(desk: DeskDriver, name: str) -> None:
    with desk.room.store.begin() as tx:
        assert inbound.claim(tx, name, desk.clock(), timedelta(seconds=90), 1)


def test_a_mail_whose_bytes_are_damaged_goes_aside_and_says_so(desk: DeskDriver) -> None:
    [number] = _spooled(desk, written(body="x" * 70 + "\n" + "y\n" * INLINE_BYTES))
    desk.room.blobs.path(_row(desk, number).source).write_bytes(b"")  # type: ignore[attr-defined]

    desk.worker.drain()

    assert _row(desk, number).state == "failed"  # type: ignore[attr-defined]
    assert "altered" in _row(desk, number).reason  # type: ignore[attr-defined]


def test_a_worker_that_lost_its_mail_while_reading_files_nothing(desk: DeskDriver) -> None:
    _spooled(desk, written())
    here = ReadHere(desk.room.book)

    class SlowReader:
        """While it reads, the lease runs out and another worker does the work."""

        def submit(self, source: bytes) -> "Future[InboundMail]":
            desk.clock.advance(minutes=5)
            desk.worker.drain()
            return here.submit(source)

        def warm(self) -> None:
            return None

    slow = Worker(desk.room, SlowReader(), "test/0/worker/slow")

    assert slow.work_once() == []
    assert len(desk.messages()) == 1
    assert len(desk.tickets()) == 1


def test_a_broken_store_ends_the_worker(desk: DeskDriver) -> None:
    _spooled(desk, written(body="POISON\n"))
    worker = Worker(desk.room, Chokes(desk, StorageBroken("the database is damaged")), "test/0/worker/2")

    with pytest.raises(StorageBroken):
        worker.drain()


def test_all_that_waits_is_committed_together(desk: DeskDriver) -> None:
    store = desk.room.store
    commits: list[int] = []
    envelope = Envelope(Via.SMTP, desk.clock())
    sa.event.listen(store._engine, "commit", lambda _connection: commits.append(1))

    with store.begin() as tx:
        if not store.is_sqlite:
            tx.execute(sa.text("LOCK TABLE inbound IN SHARE MODE"))
        waiting = [desk.acceptor.submit(written(), envelope) for _ in range(50)]
    numbers = [each.result(20) for each in waiting]

    assert len(set(numbers)) == 50
    assert numbers == sorted(numbers)
    assert len(commits) <= 15


class NoDisk(Blobs):
    """A folder whose disk is full."""

    def put_rows(self, tx: Tx, contents: object) -> None:
        raise TransientError("the blob folder cannot be written: No space left on device")


def test_while_the_store_is_away_everybody_who_waits_is_told_to_come_again(desk: DeskDriver) -> None:
    whole = desk.room.blobs
    desk.room.blobs = NoDisk(whole.folder)
    envelope = Envelope(Via.SMTP, desk.clock())

    waiting = [desk.acceptor.submit(written(), envelope) for _ in range(5)]

    for each in waiting:
        with pytest.raises(TransientError, match="No space left"):
            each.result(10)
    desk.room.blobs = whole
    assert desk.acceptor.submit(written(), envelope).result(10) == 1
    assert desk.acceptor.broken is None


def test_a_mail_that_the_database_cannot_take_does_not_drag_its_neighbours_along(desk: DeskDriver) -> None:
    good = Envelope(Via.SMTP, desk.clock(), mail_from="jane@customer.test")
    bad = Envelope(Via.SMTP, desk.clock(), mail_from="\udcff@customer.test")
    store = desk.room.store

    with store.begin() as tx:
        if not store.is_sqlite:
            tx.execute(sa.text("LOCK TABLE inbound IN SHARE MODE"))
        waiting = [desk.acceptor.submit(written(), each) for each in (good, good, bad, good)]
    errors = [each.exception(20) for each in waiting]

    assert [error is None for error in errors] == [True, True, False, True]
    assert isinstance(errors[2], TransientError)


def test_a_lying_disk_refuses_the_mail_and_ends_the_daemon(desk: DeskDriver) -> None:
    class LyingDisk(Blobs):
        def put_rows(self, tx: Tx, contents: object) -> None:
            raise StorageBroken("the blob folder cannot be written: Input/output error")

    desk.room.blobs = LyingDisk(desk.room.blobs.folder)

    error = desk.acceptor.submit(written(), Envelope(Via.SMTP, desk.clock())).exception(10)

    assert isinstance(error, TransientError)
    assert isinstance(desk.acceptor.broken, StorageBroken)


@dataclass(frozen=True)
class Unfinished:
    """A file of the spool folder that is not written yet."""

    path: Path
    content: bytes

    def complete(self) -> Spooled:
        self.path.write_bytes(self.content)
        return Spooled(self.path, sha256_hex(self.content), len(self.content))


@pytest.mark.parametrize("size", [100, 3 * INLINE_BYTES])
def test_a_file_of_the_spool_folder_is_taken_over_whole(desk: DeskDriver, size: int) -> None:
    content = written(body="z\n" * (size // 2))
    part = desk.room.blobs.spool / "part"

    number = desk.acceptor.submit(Unfinished(part, content), Envelope(Via.SMTP, desk.clock())).result(10)

    assert not part.exists()
    with desk.room.store.read() as tx:
        row = inbound.one(tx, number)
        assert row is not None
        assert desk.room.blobs.get(tx, row.source) == content


def test_a_spool_file_that_cannot_be_written_is_refused_for_now(desk: DeskDriver, tmp_path: Path) -> None:
    unfinished = Unfinished(tmp_path / "no such folder" / "part", written())

    error = desk.acceptor.submit(unfinished, Envelope(Via.SMTP, desk.clock())).exception(10)

    assert isinstance(error, TransientError)


def test_what_waits_at_the_end_is_still_kept(desk: DeskDriver) -> None:
    acceptor = Acceptor(desk.room)
    waiting = [acceptor.submit(written(), Envelope(Via.SMTP, desk.clock())) for _ in range(20)]

    acceptor.close()

    assert len({each.result(0) for each in waiting}) == 20


def test_one_who_waits_no_longer_does_not_stop_the_acceptance_of_others(tmp_path: Path, sqlite_url: str) -> None:
    desk = DeskDriver(tmp_path, sqlite_url)
    envelope = Envelope(Via.SMTP, desk.clock())

    with desk.room.store.begin():
        gone = desk.acceptor.submit(written(), envelope)
        gone.cancel()

    assert desk.acceptor.submit(written(), envelope).result(10) > 0
    assert gone.result(10) > 0, "what was handed over is kept, whoever waits for it"
    desk.close()
