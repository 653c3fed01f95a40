"""The mails of the day: each agent's own desk in the morning, and to admins what is at risk."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from maild.config import load_text
from maild.desk.morning import due_turns, send_daily
from maild.desk.room import open_room
from maild.resources import data_dir
from tests.desk_driver import CONFIG, DeskDriver, Sent, written

JANE = "Jane Doe <jane@customer.test>"
Open = Callable[..., DeskDriver]

PROMISES = """
[[sla]]
name = "standard"
[sla.targets]
urgent = { first_response = "15m", resolution = "4h" }
normal = { first_response = "24h", resolution = "3d" }
"""


@pytest.fixture
def open_desk(tmp_path: Path, database_url: str) -> Iterator[Open]:
    """A desk in Berlin at ten in the morning, where alice wants her desk at eight and the admins the risks at four."""
    yield from _desks(tmp_path, database_url)


@pytest.fixture
def open_quick(tmp_path: Path, sqlite_url: str) -> Iterator[Open]:
    """The same on one database, where only the clock on the wall matters."""
    yield from _desks(tmp_path, sqlite_url)


def _desks(folder: Path, url: str) -> Iterator[Open]:
    opened: list[DeskDriver] = []

    def build(extra: str = "", morning: str = 'morning_at = "08:00"') -> DeskDriver:
        config = CONFIG.replace('name = "alice"', f'name = "alice"\n{morning}')
        config = config.replace("admins = [", 'risk_mail_at = "16:00"\nadmins = ["dora@acme.test", ')
        opened.append(DeskDriver(folder, url, config, extra))
        return opened[-1]

    yield build
    for each in opened:
        each.close()


def _told(desk: DeskDriver, event: str = "your_desk") -> list[Sent]:
    """What a tick now tells of this kind."""
    desk.tick()
    return [each for each in desk.relay.take() if each.event == event]


def _at(desk: DeskDriver, day: int, hour: int, minute: int = 0) -> None:
    """The wall clock in Berlin shows this, in March 2026."""
    desk.clock.now = datetime(2026, 3, day, hour - 1, minute, tzinfo=UTC)


def _part(mail: Sent, heading: str) -> list[str]:
    """The tickets under a heading of the text mail."""
    parts = mail.text.replace("\r\n", "\n").split(f"\n{heading}: ", 1)
    if len(parts) < 2:
        return []
    lines = parts[1].split("\n")[1:]
    until = next((place for place, line in enumerate(lines) if line and not line.startswith("  ")), len(lines))
    return [line.strip() for line in lines[:until] if line.startswith("  TICK")]


def test_an_agent_reads_in_the_morning_what_is_due_today_what_is_hers_and_what_nobody_has(open_desk: Open) -> None:
    desk = open_desk(PROMISES)
    for subject in ("Printer", "Scanner", "Phone", "Cable", "Network"):
        desk.receive(written(author=JANE, subject=subject))
    desk.do(1001, "#take\n#due 2026-03-03 15:00", "alice")
    desk.do(1002, "#take\n#priority low", "alice")
    desk.do(1003, "#take", "bob")
    desk.do(1005, "#assign network", "bob")
    _at(desk, 3, 8)

    mails = _told(desk)

    assert [(each.rcpt_to, each["Subject"]) for each in mails] == [("alice@acme.test", "Your desk today")]
    # The first answer to the printer was promised until ten, five hours before its date.
    assert _part(mails[0], "Due today") == ["TICK-1001 · Printer"]
    assert "First answer: 2026-03-03 10:00" in mails[0].text
    assert _part(mails[0], "Yours") == ["TICK-1002 · Scanner"]
    assert _part(mails[0], "Free for you to take") == ["TICK-1004 · Cable"]
    assert mails[0]["Auto-Submitted"] == "auto-generated"


def test_on_a_day_on_which_she_does_not_work_no_mail_comes(open_quick: Open) -> None:
    desk = open_quick(morning='morning_at = "08:00"\nworking_hours = {{ mon = "12:00-17:00", wed = "09:00-12:00" }}')
    desk.receive(written(author=JANE))
    desk.do(1001, "#take", "alice")
    told = []
    for day in range(2, 10):  # from Monday on
        _at(desk, day, 8)
        told += [day for _ in _told(desk)]

    assert told == [2, 4, 9]


def test_hers_stand_by_urgency_and_what_is_late_says_so(open_desk: Open) -> None:
    desk = open_desk()
    for subject in ("Low", "Urgent", "Normal, due", "Normal", "Late"):
        desk.receive(written(author=JANE, subject=subject))
    for number, words in {
        1001: "#priority low",
        1002: "#priority urgent",
        1003: "#due 2026-03-09 12:00",
        1004: "",
        1005: "#due 2026-03-02 12:00",
    }.items():
        desk.do(number, f"#take\n{words}", "alice")
    _at(desk, 3, 8)

    mail = _told(desk)[0]

    assert _part(mail, "Due today") == ["TICK-1005 · Late"]
    assert "Due: 2026-03-02 12:00 (late)" in mail.text
    assert _part(mail, "Yours") == [
        "TICK-1002 · Urgent",
        "TICK-1003 · Normal, due",
        "TICK-1004 · Normal",
        "TICK-1001 · Low",
    ]


def test_each_ticket_is_acted_on_by_one_click(open_desk: Open) -> None:
    desk = open_desk()
    desk.receive(written(author=JANE))
    _at(desk, 3, 8)
    link = _click(_told(desk)[0], "Take")

    desk.receive(written(author="Alice <alice@acme.test>", to=link[0], subject=link[1], body=link[2]))

    assert desk.ticket().assignee == "alice"


def _click(mail: Sent, name: str) -> tuple[str, str, str]:
    """(to, subject, body) of a link in the text."""
    line = next(line for line in mail.text.splitlines() if line.strip().startswith(f"{name}: mailto:"))
    parts = urlsplit(line.split(": ", 1)[1])
    asked = parse_qs(parts.query)
    return unquote(parts.path), asked["subject"][0], asked["body"][0]


def test_who_did_not_ask_for_it_and_who_has_an_empty_desk_gets_none(open_desk: Open) -> None:
    desk = open_desk()

    _at(desk, 3, 8)
    assert _told(desk) == []
    desk.receive(written(author=JANE))
    assert _told(desk) == []  # today's turn is over

    _at(desk, 4, 8)
    assert [each.rcpt_to for each in _told(desk)] == ["alice@acme.test"]


def test_it_comes_once_a_day_and_not_before_its_time(open_quick: Open) -> None:
    desk = open_quick()
    desk.receive(written(author=JANE))
    counts = []
    for day, hour, minute in ((3, 7, 59), (3, 8, 0), (3, 8, 1), (3, 23, 59), (4, 7, 59), (4, 8, 0)):
        _at(desk, day, hour, minute)
        counts.append(len(_told(desk)))

    assert counts == [0, 1, 0, 0, 0, 1]


def test_after_a_night_that_lasted_until_noon_it_comes_late_and_yesterdays_never(open_quick: Open) -> None:
    desk = open_quick()
    desk.receive(written(author=JANE))
    _at(desk, 3, 8)
    assert len(_told(desk)) == 1

    _at(desk, 6, 3)
    assert _told(desk) == []
    _at(desk, 6, 12)
    assert len(_told(desk)) == 1


def test_the_time_is_that_of_the_agents_own_zone(open_quick: Open) -> None:
    desk = open_quick(morning='morning_at = "08:00"\ntimezone = "America/New_York"')
    desk.receive(written(author=JANE))

    _at(desk, 3, 13, 59)
    assert _told(desk) == []
    _at(desk, 3, 14)
    assert len(_told(desk)) == 1


def test_an_hour_that_is_skipped_or_comes_twice_has_one_mail(open_quick: Open) -> None:
    desk = open_quick(morning='morning_at = "02:30"')
    desk.receive(written(author=JANE))
    counts = []
    for moment in (
        datetime(2026, 3, 29, 0, 59, tzinfo=UTC),  # 01:59; then the clock shows 03:00
        datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
        datetime(2026, 3, 29, 2, 0, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # 02:30, an hour before 02:30
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    ):
        desk.clock.now = moment
        counts.append(len(_told(desk)))

    assert counts == [0, 1, 0, 1, 0]


def test_who_is_away_gets_it_when_he_is_back_that_day(open_quick: Open) -> None:
    desk = open_quick()
    desk.receive(written(author=JANE))
    desk.do(1001, "#away", "alice")
    _at(desk, 3, 8)
    assert _told(desk) == []

    desk.do(1001, "#back", "alice")
    _at(desk, 3, 11)

    assert len(_told(desk)) == 1


def test_his_quiet_hours_and_digests_do_not_keep_the_mail_back_that_he_set_a_time_for(open_quick: Open) -> None:
    desk = open_quick(morning='morning_at = "06:00"\nquiet_hours = "20:00-07:00"\nnotify = {{ "*" = "digest" }}')
    desk.receive(written(author=JANE))

    _at(desk, 3, 6)

    assert len(_told(desk)) == 1


@pytest.mark.parametrize("others", ["digest", "off"])
def test_a_digest_comes_at_its_time_whatever_else_he_wants_in_a_digest_or_not_at_all(
    open_quick: Open, others: str
) -> None:
    wishes = f'notify = {{{{ new_ticket = "digest", "*" = "{others}" }}}}\ndigest_at = "15:00"'
    desk = open_quick(morning=wishes)
    desk.receive(written(author=JANE))

    _at(desk, 2, 15)

    assert [each.rcpt_to for each in _told(desk, "digest")] == ["alice@acme.test"]


def test_what_his_role_does_not_see_is_not_on_his_desk(open_desk: Open) -> None:
    desk = open_desk('[[roles]]\nname = "agent"\nmay = ["read", "answer"]\nsees = "-subject:secret"\n')
    desk.receive(written(author=JANE, subject="Secret plan"))
    desk.receive(written(author=JANE, subject="Cable"))
    _at(desk, 3, 8)

    mail = _told(desk)[0]

    assert "Secret" not in mail.everything
    assert _part(mail, "Free for you to take") == ["TICK-1002 · Cable"]


def test_a_long_list_is_cut_and_says_how_many_there_are(open_quick: Open) -> None:
    desk = open_quick("[automatic]\ntickets_per_sender = 1000\nsame_text_per_hour = 1000\n")
    for number in range(53):
        desk.keep(written(author=JANE, subject=f"Number {number}", body=f"It is {number}.\n"))
    _at(desk, 3, 8)

    mail = _told(desk)[0]

    assert len(_part(mail, "Free for you to take")) == 50
    assert "Free for you to take: 50 / 53" in mail.text


def test_admins_read_in_the_afternoon_which_promises_end_and_whom_nobody_helps(open_desk: Open) -> None:
    desk = open_desk(PROMISES)
    for subject in ("Broken", "Soon", "Calm", "Nobody's", "Silent"):
        desk.receive(written(author=JANE, subject=subject))
    for number in (1001, 1002, 1003, 1005):
        desk.do(number, "#take", "alice")
    desk.do(1001, "#priority urgent", "alice")
    desk.do(1003, "We look into it.", "alice")
    _at(desk, 3, 6)
    for number in (1002, 1004, 1005):
        desk.do(number, "We look into it.", "bob")
    desk.do(1004, "#drop", "bob")
    desk.do(1002, "#priority urgent", "alice")
    desk.relay.take()
    _at(desk, 3, 7)
    assert _told(desk, "desk_at_risk") == []

    _at(desk, 3, 16)
    mails = _told(desk, "desk_at_risk")

    assert [each.rcpt_to for each in mails] == ["dora@acme.test", "root@acme.test"]
    heading = "Promises that end within 4 hours or are broken"
    assert _part(mails[0], heading) == ["TICK-1001 · Broken", "TICK-1002 · Soon"]
    assert _part(mails[0], "Without an owner") == ["TICK-1004 · Nobody's"]
    assert _part(mails[0], "The customer has heard nothing for long") == []
    assert "Calm" not in mails[0].text


def test_who_hears_nothing_for_long_is_at_risk_and_who_waits_for_the_customer_is_not(open_desk: Open) -> None:
    desk = open_desk('[tickets]\nsilent_after = "2d"\n')
    for number, words in ((1001, "#take"), (1002, "#take\n#waiting\n\nWhich one?"), (1003, "Soon.")):
        desk.receive(written(author=JANE, subject=f"Number {number}"))
        desk.do(number, words, "alice")
    _at(desk, 4, 16)

    mail = _told(desk, "desk_at_risk")[0]

    silent = _part(mail, "The customer has heard nothing for long")
    assert sorted(silent) == ["TICK-1001 · Number 1001", "TICK-1003 · Number 1003"]


def test_a_desk_without_risk_sends_no_mail_and_asks_again_tomorrow(open_desk: Open) -> None:
    desk = open_desk()
    _at(desk, 3, 16)
    assert _told(desk, "desk_at_risk") == []

    desk.receive(written(author=JANE))
    _at(desk, 4, 16)

    assert len(_told(desk, "desk_at_risk")) == 2


def test_an_admin_who_is_no_agent_gets_no_links(open_desk: Open) -> None:
    desk = open_desk()
    desk.receive(written(author=JANE))
    _at(desk, 3, 16)

    to_dora, to_root = _told(desk, "desk_at_risk")

    assert "mailto:" in to_dora.text
    assert "mailto:" not in to_root.text


def test_a_desk_that_asks_for_nothing_has_nothing_due() -> None:
    config = load_text('[desk]\nname = "A"\naddress = "a@acme.test"\n[delivery]\nurl = "null:"\n')

    assert config.choices.risk_mail_at is None
    assert all(each.morning_at is None for each in config.preferences.values())


def test_two_processes_tell_it_once(open_desk: Open) -> None:
    desk = open_desk()
    desk.receive(written(author=JANE))
    _at(desk, 3, 16)
    others = [open_room(desk.config, data_dir("migrations"), desk.clock) for _ in range(3)]
    start = threading.Barrier(4)
    counts: list[int] = []

    def run(room: object) -> None:
        start.wait(10)
        counts.append(send_daily(room, desk.clock()))  # type: ignore[arg-type]

    threads = [threading.Thread(target=run, args=(room,)) for room in (desk.room, *others)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    for room in others:
        room.store.close()

    assert sum(counts) == 3  # alice's desk, and the risks to two admins
    assert len([row for row in desk.outbox() if row.event in ("your_desk", "desk_at_risk")]) == 3
    assert [turn.name for turn in due_turns(desk.room.book, desk.clock())] == ["desk_at_risk", "your_desk/alice"]
