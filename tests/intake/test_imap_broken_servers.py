"""Servers that lie, hang and break off: nothing is lost, nothing stops the other mails (RELIABILITY C7, F21-F25)."""

import contextlib
import resource
import time
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from maild.errors import TransientError
from maild.intake import imap_plan
from maild.intake.imap_account import After
from maild.intake.imap_incidents import Incidents
from maild.intake.imap_plan import Bookmark
from maild.intake.imap_session import CommandRefusedError, ConnectionLostError, LoginRefusedError
from tests.intake.imap_door import FakeDoor
from tests.intake.imap_scripted import Box, Line, Script, mail_source, scripted
from tests.intake.imap_setup import QUICK, Desk

START = "INBOX (mails before the start)"


def three_mails() -> Box:
    return Box({uid: mail_source(uid) for uid in (1, 2, 3)})


def at_body_of(uid: int, answer: str, end: str = "OK done") -> Script:
    def script(line: Line, tag: str, rest: str) -> bool:
        if not rest.startswith(f"UID FETCH {uid} ") or "BODY.PEEK[]" not in rest:
            return False
        line.send(answer)
        line.send(f"{tag} {end}")
        return True

    return script


def hangs_up_once_at(word: str) -> Script:
    left = [True]

    def script(line: Line, tag: str, rest: str) -> bool:
        if word not in rest or not left:
            return False
        left.clear()
        line.hang_up()
        return True

    return script


@pytest.mark.parametrize(
    ("answer", "end"),
    [
        ("* 2 FETCH (UID 2 BODY[] NIL)", "OK done"),
        ("* 2 FETCH (UID 2 FLAGS (\\Seen))", "OK done"),
        ("* 2 FETCH (UID 2 BODY[] {5}\r\nSubje)", "NO [SERVERBUG] backend is broken"),
        ("* 2 FETCH (UID 2 BODY[] (((", "OK done"),
        ("* 2 FETCH (UID 2 BODY[] " + "(" * 5000, "OK done"),
        ("* 2 FETCH (UID 99 BODY[] {5}\r\nSubje)", "OK done"),
        ("* 2 FETCH (UID 2 BODY[] 12345)", "OK done"),
        ("* OK nothing", "OK done"),
        ("* OK nothing", "BAD what"),
    ],
    ids=["nil", "flags-only", "data-then-no", "unclosed", "deep", "other-uid", "number", "left-out", "bad"],
)
def test_a_mail_that_the_server_cannot_give_stays_pending_and_the_others_come(answer: str, end: str) -> None:
    with scripted(three_mails(), at_body_of(2, answer, end)) as server:
        desk = Desk(server.port)

        desk.poll()

    assert desk.door.uids == [1, 3]
    assert desk.bookmarks.only().pending == () and desk.bookmarks.only(START).pending == ((2, 1),)


def test_a_pending_mail_comes_in_once_the_server_gives_it() -> None:
    with scripted(three_mails(), at_body_of(2, "* 2 FETCH (UID 2 BODY[] NIL)")) as server:
        desk = Desk(server.port)
        desk.poll()
        server.scripts.clear()

        desk.poll()

    assert desk.door.uids == [1, 3, 2]
    assert desk.bookmarks.only(START).pending == ()


def test_admins_hear_once_of_a_mail_that_cannot_be_fetched_and_once_when_it_can() -> None:
    with scripted(three_mails(), at_body_of(2, "* 2 FETCH (UID 2 BODY[] NIL)")) as server:
        desk = Desk(server.port)
        watcher = desk.watcher()
        for _ in range(16):
            watcher.poll_once()
        troubles = list(desk.told.troubles)
        server.scripts.clear()
        for _ in range(32):
            watcher.poll_once()
        watcher.close()

    assert [what for what, _ in troubles] == ["imap:support@127.0.0.1/INBOX 1700000001:2"]
    assert desk.told.troubles == troubles
    assert len(desk.told.recoveries) == 1
    assert sorted(desk.door.uids) == [1, 2, 3]


def test_a_wrong_size_is_looked_at_twice_and_the_mail_that_came_alike_is_taken() -> None:
    def estimate(line: Line, tag: str, rest: str) -> bool:
        if "RFC822.SIZE" not in rest:
            return False
        uid = rest.split()[2]
        line.send(f"* {uid} FETCH (RFC822.SIZE 19189 UID {uid})")
        line.send(f"{tag} OK done")
        return True

    with scripted(three_mails(), estimate) as server:
        desk = Desk(server.port)

        desk.poll()

    assert desk.door.sources == [mail_source(uid) for uid in (1, 2, 3)]
    assert sum("FETCH 1 (UID BODY.PEEK[])" in command for command in server.commands) == 2


def test_a_mail_that_comes_differently_each_time_stays_pending() -> None:
    lengths = iter(range(20, 40))

    def shrinking(line: Line, tag: str, rest: str) -> bool:
        if not rest.startswith("UID FETCH 2 ") or "BODY.PEEK[]" not in rest:
            return False
        part = mail_source(2)[: next(lengths)]
        line.send(f"* 2 FETCH (UID 2 BODY[] {{{len(part)}}}\r\n".encode() + part + b")\r\n")
        line.send(f"{tag} OK done")
        return True

    with scripted(three_mails(), shrinking) as server:
        desk = Desk(server.port)

        desk.poll()

    assert desk.door.uids == [1, 3]
    assert desk.bookmarks.only(START).pending == ((2, 1),)


@pytest.mark.parametrize("cut", [0, 1, 10, 24, 25, 26, 40, 100, -3, -1])
def test_a_line_cut_inside_the_literal_leaves_no_half_mail_and_skips_none(cut: int) -> None:
    broken = []

    def cutting(line: Line, tag: str, rest: str) -> bool:
        if "FETCH 2 " not in rest or "BODY.PEEK[]" not in rest or broken:
            return False
        source = mail_source(2)
        answer = f"* 2 FETCH (UID 2 BODY[] {{{len(source)}}}\r\n".encode() + source + b")\r\n"
        broken.append(True)
        line.send(answer[:cut])
        line.hang_up()
        return True

    with scripted(three_mails(), cutting) as server:
        desk = Desk(server.port)
        watcher = desk.watcher()
        with pytest.raises(ConnectionLostError):
            watcher.poll_once()
        assert desk.door.uids == [1]
        assert desk.bookmarks.only(START).last_uid == 0

        watcher.poll_once()
        watcher.close()

    assert desk.door.sources == [mail_source(uid) for uid in (1, 2, 3)]
    assert desk.bookmarks.only(START).last_uid == 3


def test_a_mail_at_which_the_line_always_breaks_is_set_aside_after_three_times() -> None:
    def breaking(line: Line, tag: str, rest: str) -> bool:
        if "FETCH 2 " in rest and "BODY.PEEK[]" in rest:
            line.hang_up()
            return True
        return False

    with scripted(three_mails(), breaking) as server:
        desk = Desk(server.port)
        watcher = desk.watcher()
        for _ in range(3):
            with pytest.raises(ConnectionLostError):
                watcher.poll_once()

        watcher.poll_once()
        watcher.close()

    assert desk.door.uids == [1, 3]
    assert (2, 1) in desk.bookmarks.only(START).pending


def test_a_server_that_refuses_every_mail_makes_us_wait_instead_of_setting_all_aside() -> None:
    def refusing(line: Line, tag: str, rest: str) -> bool:
        if "BODY.PEEK[]" in rest:
            line.send(f"{tag} NO [UNAVAILABLE] later")
            return True
        return False

    with scripted(Box({uid: mail_source(uid) for uid in range(1, 50)}), refusing) as server:
        desk = Desk(server.port)

        with pytest.raises(CommandRefusedError, match="in a row"):
            desk.poll()

    assert len(desk.bookmarks.only(START).pending) == 6  # five mails and the end of the stretch


def test_without_uidvalidity_each_connection_reads_the_folder_anew() -> None:
    box = three_mails()
    box.uidvalidity = None
    with scripted(box) as server:
        desk = Desk(server.port)
        first, second = desk.poll(), desk.poll()
        watcher = desk.watcher()
        third, fourth = watcher.poll_once(), watcher.poll_once()
        watcher.close()

    assert (first, second, third, fourth) == (3, 3, 3, 0)


def test_without_uidnext_the_highest_uid_is_asked_for() -> None:
    box = three_mails()
    box.uidnext = 0
    with scripted(box) as server:
        desk = Desk(server.port, settings={"start": "now"})
        desk.poll()
        box.mails[9] = mail_source(9)

        desk.poll()

    assert desk.door.uids == [9]


def test_130_000_uids_are_listed_in_windows() -> None:
    listed: list[int] = []

    def counting(line: Line, tag: str, rest: str) -> bool:
        if not rest.startswith("UID SEARCH"):
            return False
        low, _, high = rest.split()[3].partition(":")
        found = [uid for uid in uids if uid >= int(low) and (high == "*" or uid <= int(high))]
        listed.append(len(found))
        line.send("* SEARCH " + " ".join(map(str, found)))
        line.send(f"{tag} OK done")
        return True

    uids = range(1_000_000_001, 1_000_130_001)
    box = Box({uids[-1]: mail_source(1)})

    def select(line: Line, tag: str, rest: str) -> bool:
        if not rest.startswith(("SELECT", "EXAMINE")):
            return False
        line.send(f"* 130000 EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n* OK [UIDNEXT {uids[-1] + 1}] n\r\n{tag} OK done")
        return True

    with scripted(box, counting, select) as server:
        desk = Desk(server.port)
        desk.bookmarks.save("support@127.0.0.1", "INBOX", 7, Bookmark(uids[0] - 1), first=True)
        session_polls = desk.watcher()
        box.mails.clear()  # nothing said about any of them: the listing alone is looked at
        with pytest.raises(CommandRefusedError, match="in a row"):
            session_polls.poll_once()

    assert max(listed) <= 20_000


def test_one_byte_a_second_is_cut_by_the_wall_deadline() -> None:
    def dripping(line: Line, tag: str, rest: str) -> bool:
        if "BODY.PEEK[]" not in rest:
            return False
        line.send(b"* 1 FETCH (UID 1 BODY[] {500}\r\n")
        while not server.stopping(0.2):
            line.send(b"x")
        return True

    with scripted(Box({1: mail_source(1, "x" * 400)}), dripping) as server:
        desk = Desk(server.port)
        began = time.monotonic()

        with pytest.raises(ConnectionLostError):
            desk.poll()

    assert time.monotonic() - began < 6
    assert desk.door.mails == []


def test_a_dripping_greeting_is_cut_by_the_wall_deadline() -> None:
    with scripted(Box()) as server:
        server.greeting = b"* OK rea"
        desk = Desk(server.port)
        began = time.monotonic()

        with pytest.raises(ConnectionLostError):
            desk.poll()

    assert time.monotonic() - began < 6


def test_a_huge_announced_literal_takes_no_memory() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with scripted(three_mails(), at_body_of(1, "* 1 FETCH (UID 1 BODY[] {4000000000}")) as server:
        desk = Desk(server.port)

        with pytest.raises(ConnectionLostError, match="more than asked for"):
            desk.poll()

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000
    assert desk.door.mails == []


def test_an_endless_answer_is_cut_by_the_budget() -> None:
    def endless(line: Line, tag: str, rest: str) -> bool:
        if "RFC822.SIZE" not in rest:
            return False
        while not server.stopping(0):
            line.send("* OK " + "x" * 60_000)
        return True

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with scripted(three_mails(), endless) as server:
        desk = Desk(server.port)

        with pytest.raises(ConnectionLostError):
            desk.poll()

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_a_mail_that_is_too_large_becomes_a_note_and_stays_on_the_server() -> None:
    box = Box({1: b"Content-Type: multipart/mixed;\r\n boundary=b\r\n" + mail_source(1, "x" * 5000), 2: mail_source(2)})
    with scripted(box) as server:
        desk = Desk(server.port, settings={"max_message_bytes": 1000, "after": After.DELETE})

        desk.poll()

    note = desk.door.sources[0]
    assert b"Subject: mail 1\r\n" in note and b"multipart" not in note and b"boundary" not in note
    assert f"This mail of {len(box.mails[1])} bytes is larger than the 1000".encode() in note
    assert server.said("FETCH 1 (UID BODY.PEEK[])") == 0
    assert server.said("UID STORE 1 ") == 0 and server.said("UID STORE 2 ") == 1


def test_no_uid_is_passed_before_its_mail_is_durable() -> None:
    with scripted(three_mails()) as server:
        desk = Desk(server.port, settings={"after": After.FLAG})
        desk.door = FakeDoor(TransientError("database away"))
        with pytest.raises(TransientError, match="database away"):
            desk.poll()
        assert all(row.last_uid == 0 for name, _, row in desk.bookmarks.log if name == START)
        assert server.said("STORE") == 0

        desk.poll()

    assert desk.door.uids == [1, 2, 3]
    assert server.said("UID STORE 1,2,3 ") == 1


def test_mails_share_a_commit_a_command_and_a_bookmark_and_none_is_passed_before_it_is_durable() -> None:
    with scripted(three_mails()) as server:
        desk = Desk(server.port, settings={"after": After.FLAG}, door=FakeDoor(together=3))
        before: list[tuple[int, int]] = []
        desk.door.before_answering = lambda: before.append((server.said("STORE"), desk.bookmarks.only(START).last_uid))
        desk.poll()

    assert before == [(0, 0)]
    assert server.said("UID STORE 1,2,3 ") == server.said("STORE") == 1
    assert {row.last_uid for name, _, row in desk.bookmarks.log if name == START} == {0, 3}


def test_of_mails_that_are_at_the_door_together_none_is_passed_from_the_first_that_is_not_kept() -> None:
    with scripted(three_mails()) as server:
        door = FakeDoor(None, TransientError("database away"), None, together=3)
        desk = Desk(server.port, settings={"after": After.FLAG}, door=door)
        watcher = desk.watcher()
        with pytest.raises(TransientError, match="database away"):
            watcher.poll_once()
        assert (desk.bookmarks.only(START).last_uid, server.said("UID STORE 1 ")) == (1, 1)

        watcher.poll_once()
        watcher.close()

    assert desk.door.uids == [1, 3, 2]
    assert (server.said("BODY.PEEK[]"), server.said("UID STORE 2,3 "), server.said("STORE")) == (4, 1, 2)


def test_a_desk_that_gives_no_answer_has_no_mail_passed() -> None:
    with scripted(three_mails()) as server:
        timing = replace(QUICK, durable=0.05)
        desk = Desk(server.port, settings={"after": After.FLAG}, door=FakeDoor(together=4), timing=timing)
        with pytest.raises(TransientError, match="in time"):
            desk.poll()

    assert (desk.bookmarks.only(START).last_uid, server.said("STORE")) == (0, 0)


def test_few_large_mails_are_in_memory_at_once() -> None:
    with scripted(Box({uid: mail_source(uid, "x" * 600_000) for uid in range(1, 5)})) as server:
        Desk(server.port, settings={"after": After.FLAG}).poll()

    assert (server.said("UID STORE 1,2 "), server.said("UID STORE 3,4 ")) == (1, 1)


def test_a_mail_that_may_not_be_flagged_does_not_keep_the_others_from_it() -> None:
    def refusing(line: Line, tag: str, rest: str) -> bool:
        refused = "STORE" in rest and "2" in rest.split()[2].split(",")
        if refused:
            line.send(f"{tag} NO not this one")
        return refused

    with scripted(three_mails(), refusing) as server:
        desk = Desk(server.port, settings={"after": After.FLAG})

        desk.poll()

    assert (server.said("UID STORE 1 "), server.said("UID STORE 2 "), server.said("UID STORE 3 ")) == (1, 1, 1)
    assert desk.bookmarks.only(START) == Bookmark(3)


def test_a_line_that_always_breaks_at_flagging_one_mail_keeps_only_that_one_back() -> None:
    def breaking(line: Line, tag: str, rest: str) -> bool:
        breaks = "STORE" in rest and "2" in rest.split()[2].split(",")
        if breaks:
            line.hang_up()
        return breaks

    with scripted(three_mails(), breaking) as server:
        desk = Desk(server.port, settings={"after": After.FLAG})
        watcher = desk.watcher()
        for _ in range(5):  # all, then 2 and 3, then 2 alone until it is set aside, then 3, and 2 once more
            with pytest.raises(ConnectionLostError):
                watcher.poll_once()
        watcher.close()

    assert (desk.door.uids, server.said("BODY.PEEK[]"), server.said("UID STORE 3 ")) == ([1, 2, 3], 3, 1)
    assert desk.bookmarks.only(START) == Bookmark(3, ((2, 1),))


def test_a_desk_without_room_is_not_asked() -> None:
    with scripted(three_mails()) as server:
        desk = Desk(server.port)
        desk.door.room = False

        with pytest.raises(TransientError, match="no room"):
            desk.poll()

    assert desk.door.mails == []


def test_a_line_that_breaks_after_the_commit_does_not_fetch_the_mail_again() -> None:
    with scripted(three_mails(), hangs_up_once_at("STORE")) as server:
        desk = Desk(server.port, settings={"after": After.FLAG})
        watcher = desk.watcher()
        with pytest.raises(ConnectionLostError):
            watcher.poll_once()

        watcher.poll_once()
        watcher.close()

    assert desk.door.uids == [1, 2, 3]
    assert server.said("BODY.PEEK[]") == 3
    assert (server.said("UID STORE 1,2,3 "), server.said("UID STORE 1 "), server.said("UID STORE 2,3 ")) == (1, 1, 1)


def test_a_mail_that_is_too_large_stays_on_the_server_also_when_the_line_breaks_before_it_is_passed() -> None:
    box = Box({1: mail_source(1), 2: mail_source(2, "x" * 2000), 3: mail_source(3)})
    with scripted(box, hangs_up_once_at("STORE")) as server:
        desk = Desk(server.port, settings={"after": After.DELETE, "max_message_bytes": 1000})
        watcher = desk.watcher()
        with pytest.raises(ConnectionLostError):
            watcher.poll_once()
        watcher.poll_once()
        watcher.close()

    deleted = [command.split()[3] for command in server.commands if "STORE" in command]
    assert deleted == ["1,3", "1", "3"]
    assert desk.door.uids == [1, 2, 3]
    assert desk.bookmarks.only(START) == Bookmark(3)


def test_a_move_that_is_refused_does_not_stop_mail_and_is_repeated_without_a_second_fetch() -> None:
    full = [True]

    def quota(line: Line, tag: str, rest: str) -> bool:
        if "MOVE" in rest and full:
            line.send(f"{tag} NO [OVERQUOTA] full")
            return True
        return False

    with scripted(three_mails(), quota) as server:
        desk = Desk(server.port, settings={"after": After.MOVE, "move_to": "Done"})
        watcher = desk.watcher()
        watcher.poll_once()
        full.clear()
        for _ in range(8):
            watcher.poll_once()
        watcher.close()

    assert desk.door.uids == [1, 2, 3]
    assert server.said("UID MOVE 1,2,3 ") == 2
    assert len(desk.told.troubles) == 1 and "OVERQUOTA" in desk.told.troubles[0][1]
    assert len(desk.told.recoveries) == 1


def test_moves_that_were_refused_are_repeated_few_at_once_and_none_is_forgotten_when_the_line_breaks() -> None:
    answers, moved = ["NO [OVERQUOTA] full"], set[str]()

    def quota(line: Line, tag: str, rest: str) -> bool:
        if "MOVE" not in rest:
            return False
        uids = rest.split()[2].split(",")
        assert len(uids) <= 16
        if answers[0] == "break":
            answers[0] = "OK done"
            line.hang_up()
            return True
        line.send(f"{tag} {answers[0]}")
        moved.update(uids if answers[0] == "OK done" else ())
        return True

    with scripted(Box({uid: mail_source(uid) for uid in range(1, 41)}), quota) as server:
        watcher = Desk(server.port, settings={"after": After.MOVE, "move_to": "Done"}).watcher()
        watcher.poll_once()
        assert moved == set()
        answers[0] = "break"
        for _ in range(16):
            with contextlib.suppress(ConnectionLostError):
                watcher.poll_once()
        watcher.close()

    assert moved == {str(uid) for uid in range(1, 41)}
    assert server.said("BODY.PEEK[]") == 40


def test_without_move_and_uidplus_nothing_is_expunged() -> None:
    box = three_mails()
    box.capabilities = "IMAP4rev1"
    with scripted(box) as server:
        desk = Desk(server.port, settings={"after": After.MOVE, "move_to": "Done"})

        desk.poll()

    assert server.said("UID COPY") == 3 and server.said("UID STORE") == 3
    assert server.said("EXPUNGE") == 0 and server.said("UID MOVE") == 0


def test_without_move_a_line_that_breaks_has_none_copied_twice() -> None:
    box = three_mails()
    box.capabilities = "IMAP4rev1"
    with scripted(box, hangs_up_once_at("COPY 3 ")) as server:
        desk = Desk(server.port, settings={"after": After.MOVE, "move_to": "Done"})
        watcher = desk.watcher()
        with pytest.raises(ConnectionLostError):
            watcher.poll_once()
        watcher.poll_once()
        watcher.close()

    assert [server.said(f"UID COPY {uid} ") for uid in (1, 2, 3)] == [1, 1, 2]
    assert desk.door.uids == [1, 2, 3]


def test_a_folder_that_may_only_be_read_is_read() -> None:
    def readonly(line: Line, tag: str, rest: str) -> bool:
        if not rest.startswith("SELECT"):
            return False
        line.send(f"* 3 EXISTS\r\n* OK [UIDVALIDITY 1700000001] v\r\n* OK [UIDNEXT 4] n\r\n{tag} OK [READ-ONLY] done")
        return True

    with scripted(three_mails(), readonly) as server:
        desk = Desk(server.port, settings={"after": After.FLAG})

        desk.poll()

    assert desk.door.uids == [1, 2, 3]
    assert server.said("STORE") == 0


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("NO [UNAVAILABLE] backend down", "no login at the moment"),
        ("NO [AUTHENTICATIONFAILED] wrong", "check user name and password"),
    ],
)
def test_a_refused_login_says_what_kind_it_is_and_is_tried_again(answer: str, words: str) -> None:
    refusals = [answer] * 3

    def login(line: Line, tag: str, rest: str) -> bool:
        if not rest.startswith("LOGIN") or not refusals:
            return False
        line.send(f"{tag} {refusals.pop()}")
        return True

    with scripted(three_mails(), login) as server:
        desk = Desk(server.port)
        with pytest.raises(LoginRefusedError, match=words):
            desk.poll()
        refusals.append(answer)
        with desk.running():
            desk.door.wait_for(3)
            desk.told.wait_for(troubles=1, recoveries=1)

    assert len(desk.told.troubles) == 1 and words in desk.told.troubles[0][1]
    assert "secret" not in str(desk.told.troubles)


@pytest.mark.parametrize(("lost", "told"), [(7, 0), (8, 1)])
def test_a_server_that_is_only_restarted_is_no_news_and_one_that_stays_away_is(
    monkeypatch: pytest.MonkeyPatch, lost: int, told: int
) -> None:
    monkeypatch.setattr(imap_plan, "LONGEST_WAIT", 1.0)  # instead of two minutes of growing pauses
    shutdowns = ["* BYE Server shutting down"] * lost

    def opening(line: Line, _tag: str, rest: str) -> bool:
        if not rest.startswith("EXAMINE") or not shutdowns:
            return False
        line.send(shutdowns.pop())
        line.hang_up()
        return True

    with scripted(three_mails(), opening) as server:
        desk = Desk(server.port)
        with desk.running():
            desk.door.wait_for(3)
            desk.told.wait_for(troubles=told, recoveries=told)

    assert not shutdowns
    assert [len(desk.told.troubles), len(desk.told.recoveries)] == [told, told]


def test_the_password_is_not_sent_where_the_server_wants_tls_first() -> None:
    box = three_mails()
    box.capabilities = "IMAP4rev1 STARTTLS LOGINDISABLED"
    with scripted(box) as server:
        desk = Desk(server.port)

        with pytest.raises(LoginRefusedError, match="tls or starttls"):
            desk.poll()

    assert server.said("secret") == 0


def test_bye_in_idle_is_no_trouble_and_mail_that_comes_later_is_seen() -> None:
    byes = [True]

    def bye(line: Line, tag: str, rest: str) -> bool:
        if rest != "IDLE" or not byes:
            return False
        byes.clear()
        line.send("+ idling\r\n* BYE going down")
        line.hang_up()
        return True

    box = three_mails()
    with scripted(box, bye) as server:
        desk = Desk(server.port)
        with desk.running():
            server.wait_for("IDLE", 2)
            box.mails[4] = mail_source(4)
            desk.door.wait_for(4)

    assert desk.told.troubles == []


def test_a_silent_half_open_idle_is_noticed_and_mail_that_comes_later_is_seen() -> None:
    silent = [True]

    def swallow(line: Line, tag: str, rest: str) -> bool:
        if rest != "IDLE" or not silent:
            return False
        silent.clear()
        line.send("+ idling")
        server.stopping(20)
        return True

    box = three_mails()
    with scripted(box, swallow) as server:
        desk = Desk(server.port)
        desk.timing = replace(desk.timing, idle=1.0, idle_answer=0.5)
        with desk.running():
            server.wait_for("IDLE")
            box.mails[4] = mail_source(4)
            desk.door.wait_for(4, seconds=10)
        server.close()


def test_news_that_come_with_the_answer_to_idle_are_seen_at_once() -> None:
    def at_once(line: Line, tag: str, rest: str) -> bool:
        if rest != "IDLE" or 4 in line.box.mails:
            return False
        line.box.mails[4] = mail_source(4)
        line.send(b"+ idling\r\n* 4 EXISTS\r\n")
        line.readline()
        line.send(f"{tag} OK done")
        return True

    with scripted(three_mails(), at_once) as server:
        desk = Desk(server.port)
        desk.timing = replace(desk.timing, idle=60.0, idle_slice=60.0)
        with desk.running():
            desk.door.wait_for(4, seconds=5)
            server.close()


def test_news_that_come_while_mails_are_fetched_are_seen_before_idle() -> None:
    def meanwhile(line: Line, tag: str, rest: str) -> bool:
        if "FETCH 3 " in rest and 4 not in line.box.mails:
            line.box.mails[4] = mail_source(4)
            line.send("* 4 EXISTS")
        return False

    with scripted(three_mails(), meanwhile) as server:
        desk = Desk(server.port)
        with desk.running():
            desk.door.wait_for(4, seconds=3)

    assert desk.door.uids == [1, 2, 3, 4]


def test_a_dead_idle_does_not_spin() -> None:
    def dead(line: Line, tag: str, rest: str) -> bool:
        if rest != "IDLE":
            return False
        line.send("+ idling")
        line.hang_up()
        return True

    with scripted(Box(), dead) as server:
        desk = Desk(server.port, settings={"poll_seconds": 0.5})
        began = time.process_time()
        with desk.running():
            server.wait_for("IDLE", 3)
        spent = time.process_time() - began

    assert server.connections <= 6
    assert spent < 1.0


def test_a_server_that_wakes_us_for_nothing_is_not_asked_without_pause() -> None:
    def restless(line: Line, tag: str, rest: str) -> bool:
        if rest != "IDLE":
            return False
        line.send(b"+ idling\r\n* 1 RECENT\r\n")
        line.readline()
        line.send(f"{tag} OK done")
        return True

    with scripted(Box(), restless) as server:
        desk = Desk(server.port)
        desk.timing = replace(desk.timing, pace=0.2)
        began = time.monotonic()
        with desk.running():
            server.wait_for("IDLE", 5)
        seconds = time.monotonic() - began

    assert seconds >= 0.8


@pytest.mark.parametrize("field", ["username", "password", "folder", "move_to", "flag"])
@pytest.mark.parametrize("text", ['x\r\nZ1 DELETE "INBOX"', "x\ny", "x\0y"])
def test_an_argument_with_a_line_break_never_reaches_the_server(field: str, text: str) -> None:
    with scripted(three_mails()) as server:
        desk = Desk(server.port, settings={field: text})

        with pytest.raises(Exception, match="without line breaks"):
            desk.poll()

    assert server.commands == []


def test_after_a_new_uidvalidity_the_folder_is_listed_again_and_very_old_mails_come_quietly() -> None:
    box = three_mails()
    with scripted(box) as server:
        desk = Desk(server.port, settings={"start": "now"})
        desk.poll()
        box.uidvalidity = 1800000000
        box.mails[4] = mail_source(4)

        desk.poll()
        recent = [envelope.quiet for _, envelope in desk.door.mails]
        box.uidvalidity = 1900000000
        desk.now += timedelta(days=365)
        desk.poll()

    assert desk.door.uids == [1, 2, 3, 4] * 2
    assert recent == [False] * 4
    assert [envelope.quiet for _, envelope in desk.door.mails[4:]] == [True] * 4


def test_a_silent_server_does_not_delay_the_end_of_the_daemon() -> None:
    def silent(line: Line, tag: str, rest: str) -> bool:
        return "RFC822.SIZE" in rest and not server.stopping(30)

    with scripted(three_mails(), silent) as server:
        desk = Desk(server.port)
        desk.timing = replace(desk.timing, read=60.0, command=60.0)
        with desk.running():
            server.wait_for("RFC822.SIZE")
            began = time.monotonic()
        seconds = time.monotonic() - began

    assert seconds < 6


def test_trouble_that_cannot_be_told_is_told_later() -> None:
    attempts: list[str] = []

    def away(what: str, words: str) -> None:
        attempts.append(what)
        if len(attempts) < 3:
            raise TransientError("database away")

    incidents = Incidents(away, away)
    for _ in range(6):
        incidents.failed("x", "broken", patience=2)

    assert len(attempts) == 3


def test_lines_cut_anywhere_lose_and_double_nothing() -> None:
    """Sixty cuts at seeded places of whatever the server says: greeting, login, listing, mails, answers."""
    dice = Random(20261121)
    box = Box({uid: mail_source(uid, "x" * dice.randrange(2000)) for uid in range(1, 31)})
    with scripted(box) as server:
        desk = Desk(server.port, settings={"after": After.FLAG})
        watcher = desk.watcher()
        for _ in range(60):
            server.cut_next_after = dice.randrange(4000)
            with contextlib.suppress(TransientError):
                watcher.poll_once()
            watcher.close()
        server.cut_next_after = None
        for _ in range(3):
            watcher.poll_once()
        watcher.close()

    assert sorted(desk.door.uids) == list(range(1, 31))
    assert all(source == box.mails[uid] for uid, source in zip(desk.door.uids, desk.door.sources, strict=True))
