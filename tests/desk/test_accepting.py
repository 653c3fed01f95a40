"""T1 with large mails: made durable beside the writer, and still in each sender's order (RELIABILITY 1.3)."""

from pathlib import Path
from threading import Event

import pytest

from maild.desk.accept import Acceptor
from maild.errors import StorageBroken, TransientError
from maild.mail.envelope import Envelope, Via
from maild.store import Tx, inbound
from maild.store.blobs import INLINE_BYTES, Blobs
from tests.desk_driver import DeskDriver, written

LARGE = b"Subject: large\r\n\r\n" + b"x" * INLINE_BYTES
FULL = "the blob folder cannot be written: No space left on device"


class SlowDisk(Blobs):
    """Large contents wait until the test lets them through, or fail with what the test says."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.go_on = Event()
        self.failing: Exception | None = None

    def keep_file(self, content: bytes, sha256: str) -> None:
        assert self.go_on.wait(20)
        if self.failing is not None:
            raise self.failing
        super().keep_file(content, sha256)


@pytest.fixture
def disk(desk: DeskDriver) -> SlowDisk:
    slow = SlowDisk(desk.room.blobs.folder)
    desk.room.blobs = slow
    return slow


def envelope(desk: DeskDriver, sender: str | None) -> Envelope:
    return Envelope(Via.SMTP, desk.clock(), mail_from=sender)


def test_a_large_mail_holds_up_nobody_but_its_own_sender(desk: DeskDriver, disk: SlowDisk) -> None:
    jane, joe = envelope(desk, "jane@customer.test"), envelope(desk, "joe@customer.test")

    large = desk.acceptor.submit(LARGE, jane)
    after = desk.acceptor.submit(written(), jane)
    other = desk.acceptor.submit(written(), joe)

    assert other.result(10) == 1
    assert not large.done() and not after.done()
    disk.go_on.set()
    assert (large.result(10), after.result(10)) == (2, 3)


def test_mails_of_unknown_senders_stay_in_their_order(desk: DeskDriver, disk: SlowDisk) -> None:
    unknown = envelope(desk, None)
    waiting = [desk.acceptor.submit(each, unknown) for each in (written(), LARGE, written(), LARGE + b"2", written())]
    assert waiting[0].result(10) == 1

    disk.go_on.set()

    assert [each.result(10) for each in waiting] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("error", "words"),
    [(TransientError(FULL), FULL), (OSError(5, "x"), "OSError"), (ValueError("secret"), "ValueError")],
)
def test_a_large_mail_that_the_disk_does_not_take_is_refused_alone(
    desk: DeskDriver, disk: SlowDisk, error: Exception, words: str
) -> None:
    disk.failing = error
    large = desk.acceptor.submit(LARGE, envelope(desk, "jane@customer.test"))
    after = desk.acceptor.submit(written(), envelope(desk, "jane@customer.test"))

    disk.go_on.set()

    with pytest.raises(TransientError, match=f"^{words}$"):
        large.result(10)
    assert after.result(10) == 1
    assert desk.acceptor.broken is None


def test_a_disk_that_lies_about_a_large_mail_ends_the_daemon(
    desk: DeskDriver, disk: SlowDisk, caplog: pytest.LogCaptureFixture
) -> None:
    disk.failing = StorageBroken("the blob folder cannot be written: Input/output error")
    disk.go_on.set()

    error = desk.acceptor.submit(LARGE, envelope(desk, "jane@customer.test")).exception(10)

    assert isinstance(error, TransientError)
    assert isinstance(desk.acceptor.broken, StorageBroken)
    assert "storage is broken loop=accept" in caplog.text


def test_the_bytes_of_a_large_mail_are_durable_before_its_row_is_written(desk: DeskDriver) -> None:
    class Watched(Blobs):
        """Says at each row whether the bytes are in their place."""

        def put_rows(self, tx: Tx, contents: list[tuple[str, int, bytes | None]]) -> None:
            there.extend(self.path(sha256).read_bytes() == LARGE for sha256, _, _ in contents)
            super().put_rows(tx, contents)

    there: list[bool] = []
    desk.room.blobs = Watched(desk.room.blobs.folder)

    desk.acceptor.submit(LARGE, envelope(desk, None)).result(10)

    assert there == [True]


def test_large_mails_that_wait_at_the_end_are_still_kept_and_later_ones_told_to_come_again(desk: DeskDriver) -> None:
    acceptor = Acceptor(desk.room)
    waiting = [acceptor.submit(each, envelope(desk, None)) for each in (LARGE, written(), LARGE + b"2")]

    acceptor.close()

    numbers = [each.result(0) for each in waiting]
    assert numbers == sorted(numbers) and len(set(numbers)) == 3
    with pytest.raises(TransientError, match="shutting down"):
        acceptor.submit(LARGE, envelope(desk, None)).result(0)
    with pytest.raises(TransientError, match="shutting down"):
        acceptor.submit(written(), envelope(desk, None)).result(0)


def test_ids_of_a_group_are_those_of_its_rows_in_their_order(desk: DeskDriver) -> None:
    senders = [f"writer{number}@customer.test" for number in range(20)]
    with desk.room.store.begin() as tx:
        first = inbound.insert(tx, [("0" * 64, 1, envelope(desk, "before@customer.test"))])
    with desk.room.store.begin() as tx:
        ids = inbound.insert(tx, [("0" * 64, 1, envelope(desk, sender)) for sender in senders])

    with desk.room.store.read() as tx:
        rows = [inbound.one(tx, number) for number in ids]
    assert [row.mail_from for row in rows if row] == senders
    assert ids == sorted(ids) and first[0] < ids[0]
