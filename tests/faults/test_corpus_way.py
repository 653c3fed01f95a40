"""Real mails of all kinds, the whole way in: each ends in exactly one place, by SMTP and by `ingest` alike."""

import os
import re
import smtplib
from collections import Counter
from email import message_from_bytes
from email.utils import getaddresses
from pathlib import Path

import pytest

from tests.faults.desks import Fate, fates
from tests.servers.product import Desk, eventually
from tests.servers.sink import Sink

CORPUS = Path(os.environ.get("MAILD_CORPUS") or Path(__file__).parents[2].parent / "shared" / "corpus")
FILES = sorted(CORPUS.glob("*/*.eml"))
DESK = "support@acme.test"
ADDRESS = re.compile(r"[A-Za-z0-9._+=-]{1,64}@[A-Za-z0-9.-]{1,200}\.[A-Za-z]{2,20}")
# Many of these mails were given one sender's name: here that is no flood.
MANY = "[automatic]\ntickets_per_sender = 1000\n"
# Why a mail may end as ignored: a robot's that is kept but changes nothing, or one that was here before.
KEPT_ALONE, SEEN_BEFORE = "kept, changes nothing", "the same mail as"

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.faults,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not FILES, reason=f"no corpus of real mails in {CORPUS} (MAILD_CORPUS)"),
]


def on_the_wire(source: bytes) -> bytes:
    """As a client sends it: lines end in CRLF, and only there."""
    return re.sub(rb"\r\n|\r|\n", b"\r\n", source)


def envelope_sender(source: bytes) -> str:
    """Of Return-Path, else of From; the null sender where neither gives an address."""
    mail = message_from_bytes(source)
    for name in ("Return-Path", "From"):
        written = [str(value) for value in mail.get_all(name, [])]
        for _, address in getaddresses(written[:1]) if written else ():
            if ADDRESS.fullmatch(address):
                return address
    return ""


def send_all(desk: Desk) -> dict[str, int]:
    """Every file's place in the spool, as the answer to its dot names it."""
    numbers = {}
    with smtplib.SMTP("127.0.0.1", desk.port, local_hostname="client.test", timeout=60) as client:
        client.ehlo()
        for path in FILES:
            source = path.read_bytes()
            steps = (client.mail(envelope_sender(source)), client.rcpt(DESK), client.data(on_the_wire(source)))
            assert [code for code, _ in steps] == [250, 250, 250], f"{path}: {steps}"
            numbers[path.name] = int(steps[-1][1].decode().rpartition(" ")[2])
    return numbers


def place_of(fate: Fate) -> str:
    """The one place where a mail ended; anything else is named as it is, and fails."""
    match fate.state, fate.messages:
        case "filed", 1:
            return "ticket message"
        case (("held" | "failed"), 0):
            return f"quarantine ({fate.state})"
        case "ignored", 0 if fate.reason.startswith(KEPT_ALONE):
            return "kept robot's mail"
        case "ignored", 0 if fate.reason.startswith(SEEN_BEFORE):
            return "duplicate"
    return f"WRONG: {fate}"


def counted(desk: Desk) -> Counter[str]:
    return Counter(place_of(fate) for fate in fates(desk))


def show(capsys: pytest.CaptureFixture[str], way: str, places: Counter[str]) -> None:
    with capsys.disabled():
        print(f"\n{way}: {places.total()} mails: " + ", ".join(f"{count} {place}" for place, count in places.items()))


def no_tracebacks(desk: Desk) -> None:
    assert "Traceback" not in (desk.folder / "maild.log").read_text(errors="replace")


def test_every_real_mail_that_came_by_smtp_is_in_exactly_one_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Sink() as sink:
        desk = Desk(tmp_path, delivery=sink.url, extra=MANY)
        with desk.running():
            # when
            numbers = send_all(desk)
            eventually(lambda: not any(fate.state == "received" for fate in fates(desk)), "an empty spool", 120)
        # then
        places = counted(desk)
        show(capsys, "smtp", places)
        assert sorted(numbers.values()) == [fate.number for fate in fates(desk)]
        assert not [place for place in places if place.startswith("WRONG")]
        assert places["ticket message"] > len(FILES) / 3
        failed = [fate for fate in fates(desk) if fate.state == "failed"]
        assert not failed, failed
        no_tracebacks(desk)
        # and nothing went to anybody but those who wrote, the agent and the admin
        assert {mail.mail_from.partition("+")[0].partition("@")[0] for mail in sink.mails} <= {"", "support"}


def test_every_real_mail_that_was_ingested_is_in_exactly_one_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # given
    desk = Desk(tmp_path, delivery="null:", extra=MANY)
    # when
    said = desk.cli("ingest", "--wait", "--recipient", DESK, *map(str, FILES))
    again = desk.cli("ingest", "--wait", "--recipient", DESK, *map(str, FILES[:20]))
    # then
    places = counted(desk)
    show(capsys, "ingest", places)
    assert said.startswith(f"{len(FILES)} kept")
    assert again.startswith("20 kept")
    assert places.total() == len(FILES) + 20
    assert not [place for place in places if place.startswith("WRONG")]
    assert not [fate for fate in fates(desk) if fate.state == "failed"]
    assert places["duplicate"] >= 20
