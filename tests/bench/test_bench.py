"""The bench measures the same mails every time, and runs."""

import email
import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench import sending, worlds
from bench.corpus import FILE_BYTES, mails
from bench.desk import Desk
from bench.flood import flooded
from bench.sink import Sink

ROOT = Path(__file__).resolve().parents[2]


def test_the_corpus_is_the_same_bytes_every_time() -> None:
    first, second = mails(60), mails(60)

    assert first == second
    assert mails(60, seed=1) != first


def test_the_corpus_has_the_shares_that_the_numbers_are_about() -> None:
    corpus = mails(200)

    types = [email.message_from_bytes(mail.content).get_content_type() for mail in corpus]

    assert sum(mail.after is None for mail in corpus) == 120
    assert types.count("text/plain") == 140
    assert types.count("multipart/alternative") == 50
    assert sum(len(mail.content) > FILE_BYTES for mail in corpus) == 10


def test_a_reply_answers_an_earlier_mail_of_the_same_customer() -> None:
    corpus = mails(100)

    for mail in corpus:
        if mail.after is not None:
            earlier = corpus[mail.after]
            assert email.message_from_bytes(mail.content)["In-Reply-To"] == earlier.message_id
            assert earlier.sender == mail.sender


@pytest.mark.timeout(240)  # a dozen processes are started; on a busy machine that alone takes minutes
def test_a_short_bench_runs_through(tmp_path: Path) -> None:
    results = tmp_path / "results.json"

    command = [sys.executable, "-m", "bench", "--quick", "--mails", "20", "--results", str(results)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=230, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(results.read_text())
    assert found["steps"]["end to end"][0]["per_second"] > 0
    assert found["anatomy"]["burst"]["statements"]["worker"] > 1


def test_a_desk_starts_in_a_folder_given_by_its_path_from_where_the_bench_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with Sink(tmp_path / "sink.log") as sink:
        desk = Desk(worlds.fresh(Path(), None), sink)
        with desk.run():
            assert desk.count("SELECT count(*) FROM tickets") == 0


def test_a_flood_is_taken_whole_and_in_each_senders_order(tmp_path: Path) -> None:
    with Sink(tmp_path / "sink.log") as sink:
        found = flooded(Desk(worlds.fresh(tmp_path, None), sink), mails=60, connections=20)

    assert found.replies == {"250": 60}
    assert found.disordered == ()


def test_sending_is_compared_over_the_same_number_of_mails(tmp_path: Path) -> None:
    with Sink(tmp_path / "sink.log") as sink:
        found = sending.pair(sink, 20)

        assert sink.counts().mails == 2 * (20 + 1)
    assert min(found.ours, found.ours_ms, found.smtplib, found.smtplib_ms) > 0
    assert "1.00" in sending.told([sending.Pair(2.0, 1.0, 2.0, 1.0)])


def test_a_desk_of_many_tickets_knows_and_finds_them_all(tmp_path: Path) -> None:
    with Sink(tmp_path / "sink.log") as sink:
        desk = Desk(worlds.fresh(tmp_path, None), sink)
        desk.end_to_end(mails(20), mails(5, seed=1), 5)

        tickets = worlds.grow(desk.world, 100)

        assert tickets == desk.count("SELECT count(*) FROM ticket_words") >= 100
        assert desk.count("SELECT count(*) FROM message_words") == desk.count("SELECT count(*) FROM messages")
        assert desk.count("SELECT count(*) FROM messages WHERE home <> ticket") == 0
        desk.end_to_end(mails(10, seed=2), mails(5, seed=3), 5)
