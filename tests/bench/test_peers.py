"""The comparison with other desks is fair: the same mails, what they look for in the subject, and honest ratios."""

import email.policy
import mailbox
from collections import Counter
from pathlib import Path

import pytest

from bench import page
from bench.corpus import mails, people
from bench.desk import Sample
from bench.flood import SIZE, Flood, letter
from bench.peers import table
from bench.peers.peer import as_files, as_mbox
from bench.peers.plan import Results


def results(**rates: list[float]) -> Results:
    """Samples that took as many milliseconds as their name's figures say per second."""
    found = {name.replace("_", ", "): [Sample(rate, 1000 / rate, 50) for rate in each] for name, each in rates.items()}
    return Results(found, {"maild, large": 50_000})


def test_replies_name_their_ticket_where_a_peer_looks_for_it() -> None:
    corpus = mails(60, token="[issue{number}]", tickets=500)
    numbers, opened = {}, 500

    for place, mail in enumerate(corpus):
        if mail.after is None:
            opened += 1
        numbers[place] = opened if mail.after is None else numbers[mail.after]
        subject = str(email.message_from_bytes(mail.content, policy=email.policy.default)["Subject"])

        assert ("[issue" in subject) == (mail.after is not None)
        assert mail.after is None or f"Re: [issue{numbers[place]}] " in subject


def test_peers_get_the_mails_that_maild_gets() -> None:
    for own, theirs in zip(mails(60), mails(60, token="[desk-{number}]"), strict=True):
        assert (own.sender, own.message_id, own.after) == (theirs.sender, theirs.message_id, theirs.after)
        assert own.content.partition(b"\r\n\r\n")[2] == theirs.content.partition(b"\r\n\r\n")[2]


def test_every_writer_is_a_customer_whom_the_peers_know() -> None:
    known = {address for _, address in people()}

    assert {mail.sender for mail in mails(200)} <= known


def test_the_mbox_holds_every_mail_whole(tmp_path: Path) -> None:
    corpus = mails(20)

    kept = mailbox.mbox(as_mbox(tmp_path / "mails", corpus), create=False)

    assert [each["Message-ID"] for each in kept] == [mail.message_id for mail in corpus]
    kept.close()


def test_the_files_of_a_directory_sort_in_the_order_of_arrival(tmp_path: Path) -> None:
    corpus = mails(12)

    folder = as_files(tmp_path / "mails", corpus)

    assert [file.read_bytes() for file in sorted(folder.iterdir())] == [mail.content for mail in corpus]


def test_a_ratio_is_paired_round_by_round() -> None:
    _, rows = table.ratios(results(maild=[60, 600, 90], roundup=[10, 100, 10]))

    assert rows[0] == ("mails/s beside Roundup", "6.00 (6.00–9.00) ×", "≥ 6 ×", "met")
    assert rows[1] == ("CPU beside Roundup", "0.17 (0.11–0.17) ×", "≤ 0.25 ×", "met")


def test_a_ratio_that_is_not_reached_says_so() -> None:
    _, rows = table.ratios(results(maild=[50], helpdesk=[10], maild_large=[30], helpdesk_large=[2]))

    assert [(row[0], row[3]) for row in rows] == [
        ("mails/s beside django-helpdesk", "missed"),
        ("mails/s beside django-helpdesk, large", "missed"),
        ("CPU, large beside empty", "missed"),
    ]


def test_nobody_is_compared_with_who_was_not_measured() -> None:
    _, rows = table.ratios(results(maild=[50]))

    assert rows == []


def test_a_bench_leaves_the_sections_of_others_in_the_docs(tmp_path: Path) -> None:
    file = tmp_path / "performance.md"
    file.write_text("# Performance\n\nold words\n\n## The tick\n\nticks\n\n## What maild does\n\nold figures\n")

    page.put({"What maild does": "new figures\n", "Beside other desks": "ratios"}, file)

    said = file.read_text()
    assert "## The tick\n\nticks\n\n## What maild does\n\nnew figures\n\n## Beside other desks\n\nratios\n" in said
    assert "old words" not in said and "old figures" not in said


@pytest.mark.parametrize(("number", "place"), [(0, 0), (49, 199)])
def test_the_mails_of_a_flood_are_of_4_kb(number: int, place: int) -> None:
    assert SIZE - 100 < len(letter(number, place)) <= SIZE


def test_told_to_come_later_is_not_refused() -> None:
    assert Flood(1, 2, Counter({"250": 10, "452": 3, "421": 1}), ()).refused() == 0
    assert Flood(1, 2, Counter({"250": 10, "550": 2, "554": 1}), ()).refused() == 3
