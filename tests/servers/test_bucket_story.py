"""A desk whose large mails lie in a bucket, while its S3 server comes and goes: 451 at the door, never a loss."""

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from maild.config import Config, load_text
from maild.daemon import Daemon
from maild.errors import TransientError
from maild.mail.envelope import Envelope, Via
from maild.store import messages
from maild.store.blobs import open_blobs
from maild.store.contents import Bucket
from maild.store.contents_s3 import S3Contents
from tests.cli.conftest import Call, call
from tests.desk_driver import CONFIG as DESK
from tests.desk_driver import DeskDriver
from tests.servers import seaweedfs

pytestmark = pytest.mark.servers
__all__ = ["call"]
STORAGE = """
[storage]
url = "s3://{name}/{prefix}"
endpoint = "{endpoint}"
access_key = "{access}"
secret_key = "{secret}"
"""
LISTENER = """
[smtp]
listen = "127.0.0.1:0"
"""
PICTURE = bytes(range(256)) * 1200


def _storage(bucket: Bucket) -> str:
    return STORAGE.format(
        name=bucket.name,
        prefix=bucket.prefix,
        endpoint=bucket.endpoint,
        access=bucket.access_key,
        secret=bucket.secret_key,
    )


@pytest.fixture
def bucket(tmp_path: Path) -> Bucket:
    return seaweedfs.bucket(prefix=tmp_path.name)


@pytest.fixture
def daemon(tmp_path: Path, bucket: Bucket) -> Iterator[Daemon]:
    """At its port, with nothing behind it."""
    running = Daemon(_config(tmp_path, bucket), only=("smtp",))
    running.room.blobs = open_blobs(tmp_path / "maild-data" / "blobs", bucket)
    running.start()
    yield running
    running.stop()


def _config(folder: Path, bucket: Bucket) -> Config:
    text = DESK.format(url="sqlite:///maild.db") + LISTENER + _storage(bucket)
    return load_text(text, "maild.toml", folder)


def _with_picture() -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "jane@customer.test", "support@acme.test", "My screen"
    mail["Message-ID"] = "<1.screen@customer.test>"
    mail.set_content("See for yourself.")
    mail.add_attachment(PICTURE, maintype="image", subtype="png", filename="screen.png")
    return mail


def _sent(daemon: Daemon) -> int:
    """The server's answer to a large mail."""
    with smtplib.SMTP(*daemon.smtp_place, timeout=60) as client:
        try:
            refused = client.send_message(_with_picture())
        except smtplib.SMTPDataError as error:
            return error.smtp_code
    assert not refused
    return 250


def _waiting(daemon: Daemon) -> list[str]:
    with daemon.room.store.read() as tx:
        return list(tx.exec_driver_sql("SELECT source FROM inbound WHERE state = 'received'").scalars())


def test_a_large_mail_is_refused_for_now_while_the_bucket_is_away_and_taken_when_it_is_back(
    daemon: Daemon, bucket: Bucket
) -> None:
    server = seaweedfs.running_server()
    assert _sent(daemon) == 250

    server.stop()
    try:
        assert _sent(daemon) == 451
        assert len(_waiting(daemon)) == 1
    finally:
        server.start()

    assert _sent(daemon) == 250
    kept = S3Contents(bucket)
    assert all(kept.get(source) for source in _waiting(daemon))
    assert len(_waiting(daemon)) == 2
    assert list(daemon.room.blobs.spool.iterdir()) == []


def test_while_the_bucket_is_away_small_mails_are_taken(daemon: Daemon) -> None:
    server = seaweedfs.running_server()
    server.stop()
    try:
        with smtplib.SMTP(*daemon.smtp_place, timeout=60) as client:
            client.sendmail("jane@customer.test", ["support@acme.test"], b"Subject: Small\r\n\r\nHello\r\n")
    finally:
        server.start()

    assert len(_waiting(daemon)) == 1


def test_a_large_mail_becomes_a_ticket_with_its_file_from_the_bucket(
    tmp_path: Path, database_url: str, bucket: Bucket
) -> None:
    desk = DeskDriver(tmp_path, database_url, extra=_storage(bucket))
    desk.room.blobs = open_blobs(tmp_path / "blobs", bucket)

    done = desk.receive(_with_picture().as_bytes())

    assert (done.state, done.ticket) == ("filed", 1001)
    with desk.room.store.read() as tx:
        (file,) = messages.with_contents(tx, desk.room.blobs, desk.messages()[0].id)
    assert file.content == PICTURE
    assert not list((tmp_path / "blobs").glob("??"))
    desk.close()


def test_a_mail_that_was_taken_waits_unharmed_while_the_bucket_is_away(tmp_path: Path, bucket: Bucket) -> None:
    desk = DeskDriver(tmp_path, f"sqlite:///{tmp_path}/maild.db", extra=_storage(bucket))
    desk.room.blobs = open_blobs(tmp_path / "blobs", bucket)
    server = seaweedfs.running_server()
    number = desk.acceptor.submit(_with_picture().as_bytes(), Envelope(Via.SMTP, desk.clock())).result(10)

    server.stop()
    try:
        for _ in range(4):
            with pytest.raises(TransientError, match="cannot be used"):
                desk.worker.work_once()
    finally:
        server.start()

    assert [(done.inbound, done.state) for done in desk.worker.drain()] == [(number, "filed")]
    desk.close()


def test_check_says_what_is_wrong_with_the_bucket(tmp_path: Path, bucket: Bucket, call: Call) -> None:
    text = DESK.format(url="sqlite:///maild.db") + _storage(bucket)
    (tmp_path / "maild.toml").write_text(text)
    (tmp_path / "maild.toml").chmod(0o600)
    assert call("check").code == 0

    (tmp_path / "maild.toml").write_text(text.replace(str(bucket.endpoint), "http://127.0.0.1:1"))
    ended = call("check")

    assert ended.code == 2
    assert f"storage.url: the bucket {bucket.name} cannot be used" in ended.err
    assert str(bucket.secret_key) not in ended.err
