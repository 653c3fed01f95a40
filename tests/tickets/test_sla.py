"""What a desk has promised, told from what people did: met, still running, standing still, broken."""

import json
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.mail.model import Mailbox
from maild.tickets.calendars import Calendar, Frame, between
from maild.tickets.clocks import Clocks, Lapse, from_record, to_record
from maild.tickets.events import (
    Change,
    Deleted,
    Event,
    Merged,
    MessageFiled,
    Opened,
    PriorityChanged,
    SpamMarked,
    StatusChanged,
)
from maild.tickets.promises import (
    BREACH,
    DEFAULT_POLICY,
    DEFAULT_PROMISES,
    Mark,
    Policy,
    Promise,
    Reopening,
    Target,
    problem,
)
from maild.tickets.sla import after, lapsed, opened, passing, planned, replanned, told
from maild.tickets.workflow import Phase

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FIRST, NEXT, RESOLUTION = Target
OFFICE = Calendar("office", ZoneInfo("Europe/London"), ((Frame(time(9), time(17)),),) * 5 + ((),) * 2)
BY_DAY = replace(DEFAULT_POLICY, calendar=OFFICE)
ANEW = replace(DEFAULT_POLICY, reopening=Reopening.RESTART)
ONLY_WORDS = replace(DEFAULT_POLICY, resolving_answers=False)

Did = tuple[timedelta, Change]


def mail(by: str, visibility: str = "public") -> MessageFiled:
    return MessageFiled(1, "in", visibility, "normal", by, "somebody")


def phase(name: str) -> StatusChanged:
    return StatusChanged("", name, Phase(name))


def priority(name: str) -> PriorityChanged:
    return PriorityChanged("", name)


CUSTOMER, ANSWER, NOTE, ROBOT = mail("customer"), mail("agent"), mail("agent", "internal"), mail("robot")
MERGED, STANDS_ALONE = Merged(None, 7), Merged(7, None)
SPAM, NO_SPAM = SpamMarked(old=False, new=True), SpamMarked(old=True, new=False)


def opening(of: str) -> Opened:
    return Opened("Printer on fire", Mailbox("jane@x.test"), "new", Phase.NEW, of, "support@acme.test")


def story(*did: Did, of: str = "normal") -> list[Event]:
    changes: list[Did] = [(timedelta(0), opening(of)), (timedelta(0), CUSTOMER), *did]
    return [Event(START + passed, "system:test", change) for passed, change in changes]


def stand(*did: Did, of: str = "normal", policy: Policy = DEFAULT_POLICY, until: timedelta = timedelta(0)) -> Clocks:
    events = story(*did, of=of)
    return told(events, policy, max(START + until, events[-1].at))[0]


def due(clocks: Clocks, target: Target) -> timedelta | None:
    due_at = clocks.of(target).due_at
    return None if due_at is None else due_at - START


def lapses(
    *did: Did, of: str = "normal", policy: Policy = DEFAULT_POLICY, until: timedelta
) -> list[tuple[timedelta, Target, int]]:
    found = told(story(*did, of=of), policy, START + until)[1]
    return [(lapse.at - START, lapse.target, lapse.mark.percent) for lapse in found]


@pytest.mark.parametrize(
    ("of", "response", "resolution"),
    [("urgent", 15 * MINUTE, 4 * HOUR), ("high", 2 * HOUR, DAY), ("normal", DAY, 3 * DAY), ("low", 3 * DAY, 7 * DAY)],
)
def test_each_priority_has_its_own_times(of: str, response: timedelta, resolution: timedelta) -> None:
    clocks = stand(of=of)

    assert (due(clocks, FIRST), due(clocks, NEXT), due(clocks, RESOLUTION)) == (response, None, resolution)
    assert clocks.next_response.standing == "none"


def test_the_first_public_answer_is_the_first_response_whatever_was_said_before() -> None:
    waiting = stand((HOUR, NOTE), (2 * HOUR, ROBOT), (3 * HOUR, CUSTOMER))
    answered = stand((HOUR, NOTE), (4 * HOUR, ANSWER))

    assert waiting.first_response.standing == "running" and waiting.next_response.standing == "none"
    assert answered.first_response.standing == "met" and answered.first_response.met_at == START + 4 * HOUR
    assert answered.resolution.standing == "running"


def test_an_answer_after_the_time_is_met_late() -> None:
    clocks = stand((25 * HOUR, ANSWER))

    assert clocks.first_response.standing == "breached" and clocks.first_response.met_at == START + 25 * HOUR
    assert clocks.breached == (FIRST,)


def test_the_next_response_counts_from_the_oldest_mail_that_waits() -> None:
    clocks = stand((HOUR, ANSWER), (5 * HOUR, CUSTOMER), (9 * HOUR, mail("unverified")))
    answered = stand((HOUR, ANSWER), (5 * HOUR, CUSTOMER), (9 * HOUR, ANSWER))
    again = stand((HOUR, ANSWER), (5 * HOUR, CUSTOMER), (40 * HOUR, ANSWER), (50 * HOUR, CUSTOMER))

    assert due(clocks, NEXT) == 29 * HOUR
    assert answered.next_response.standing == "met"
    assert again.next_response.standing == "running" and due(again, NEXT) == 74 * HOUR
    assert again.breached == (NEXT,)


def test_machines_suppliers_and_notes_move_no_clock() -> None:
    quiet = ((2 * HOUR, ROBOT), (3 * HOUR, mail("supplier", "supplier")), (4 * HOUR, NOTE))

    assert stand((HOUR, ANSWER), *quiet) == stand((HOUR, ANSWER))


@pytest.mark.parametrize("still", ["waiting", "hold"])
def test_a_pause_keeps_what_was_left(still: str) -> None:
    paused = stand((HOUR, ANSWER), (2 * HOUR, phase(still)), until=30 * DAY)
    woken = stand((HOUR, ANSWER), (2 * HOUR, phase(still)), (10 * DAY, phase("active")))

    assert paused.resolution.standing == "paused" and due(paused, RESOLUTION) is None and paused.next_at is None
    assert paused.resolution.left == 3 * DAY - 2 * HOUR
    assert due(woken, RESOLUTION) == 10 * DAY + 3 * DAY - 2 * HOUR


def test_a_policy_says_which_phases_pause() -> None:
    policy = replace(DEFAULT_POLICY, pauses=frozenset({Phase.WAITING}))

    assert stand((HOUR, phase("hold")), policy=policy).resolution.standing == "running"


def test_another_priority_gives_another_time_and_takes_what_has_passed() -> None:
    sooner = stand((HOUR, priority("high")))
    later = stand((HOUR, priority("low")))
    after_a_pause = stand((HOUR, phase("hold")), (DAY, phase("active")), (DAY + HOUR, priority("high")))

    assert (due(sooner, FIRST), due(sooner, RESOLUTION)) == (2 * HOUR, DAY)
    assert (due(later, FIRST), due(later, RESOLUTION)) == (3 * DAY, 7 * DAY)
    assert due(after_a_pause, RESOLUTION) == DAY + 23 * HOUR


def test_a_priority_that_leaves_nothing_is_due_at_once_and_not_in_the_past() -> None:
    assert due(stand((3 * HOUR, priority("urgent"))), FIRST) == 3 * HOUR
    assert lapses((3 * HOUR, priority("urgent")), until=3 * HOUR) == [
        (3 * HOUR, FIRST, 75),
        (3 * HOUR, FIRST, 100),
        (3 * HOUR, RESOLUTION, 75),
    ]


def test_who_makes_it_urgent_and_answers_in_one_mail_is_in_time() -> None:
    clocks = stand((3 * HOUR, priority("urgent")), (3 * HOUR, ANSWER), until=4 * HOUR)

    assert clocks.first_response.standing == "met"
    assert FIRST not in clocks.breached


def test_a_broken_promise_stays_broken_when_the_priority_falls() -> None:
    clocks = stand((20 * MINUTE, priority("low")), of="urgent")

    assert clocks.first_response.standing == "breached" and due(clocks, FIRST) == 15 * MINUTE
    assert clocks.resolution.standing == "running" and due(clocks, RESOLUTION) == 7 * DAY


def test_each_warning_and_each_breach_comes_once_however_priorities_move() -> None:
    moved = (
        (19 * HOUR, priority("low")),
        (20 * HOUR, priority("normal")),
        (25 * HOUR, priority("high")),
        (26 * HOUR, priority("low")),
    )

    found = lapses(*moved, until=60 * DAY)

    assert [each for each in found if each[1] is FIRST] == [(18 * HOUR, FIRST, 75), (24 * HOUR, FIRST, 100)]
    assert len(found) == len({each[1:] for each in found}) == 4


def test_resolving_ends_the_clocks_and_counts_as_an_answer_unless_the_policy_wants_words() -> None:
    counted, wanted = (
        stand((HOUR, phase("resolved"))),
        stand((HOUR, phase("resolved")), policy=ONLY_WORDS, until=9 * DAY),
    )

    assert (counted.first_response.standing, counted.resolution.standing) == ("met", "met")
    assert (wanted.first_response.standing, wanted.resolution.standing) == ("paused", "met")
    assert counted.next_at is None and wanted.next_at is None


def test_a_reopened_ticket_goes_on_with_what_was_left_or_begins_anew() -> None:
    did = ((HOUR, ANSWER), (DAY, phase("resolved")), (5 * DAY, CUSTOMER), (5 * DAY, phase("active")))

    goes_on, anew = stand(*did), stand(*did, policy=ANEW)

    assert due(goes_on, RESOLUTION) == 5 * DAY + 2 * DAY
    assert due(anew, RESOLUTION) == 5 * DAY + 3 * DAY
    assert due(goes_on, NEXT) == due(anew, NEXT) == 6 * DAY
    assert goes_on.first_response.standing == anew.first_response.standing == "met"


def test_a_resolution_that_was_late_stays_late_when_it_goes_on_and_is_forgiven_when_it_begins_anew() -> None:
    did = ((HOUR, ANSWER), (4 * DAY, phase("resolved")), (5 * DAY, phase("active")))

    goes_on, anew = stand(*did), stand(*did, policy=ANEW)

    assert goes_on.resolution.standing == "breached" and due(goes_on, RESOLUTION) == 3 * DAY
    assert anew.resolution.standing == "running" and due(anew, RESOLUTION) == 8 * DAY
    assert anew.breached == (RESOLUTION,)  # the ticket has broken it once, that stays


def test_a_ticket_that_wakes_into_a_pause_is_due_at_no_time() -> None:
    clocks = stand((DAY, phase("resolved")), (2 * DAY, phase("waiting")))

    assert clocks.resolution.standing == "paused" and due(clocks, RESOLUTION) is None


@pytest.mark.parametrize("put", [MERGED, SPAM, Deleted()])
def test_what_is_merged_spam_or_deleted_is_neither_due_nor_achieved(put: Change) -> None:
    clocks = stand((HOUR, put), (HOUR, phase("closed")), until=90 * DAY)

    assert {clocks.of(target).standing for target in Target} == {"paused", "none"}
    assert clocks.breached == () and clocks.next_at is None


@pytest.mark.parametrize(("put", "back"), [(MERGED, STANDS_ALONE), (SPAM, NO_SPAM)])
def test_a_ticket_that_comes_back_goes_on(put: Change, back: Change) -> None:
    clocks = stand((HOUR, put), (HOUR, phase("closed")), (DAY, back), (DAY, phase("active")), policy=ANEW)

    assert due(clocks, FIRST) == DAY + 23 * HOUR and due(clocks, RESOLUTION) == DAY + 3 * DAY - HOUR


def test_in_office_hours_a_day_is_three_days_long() -> None:
    friday = 4 * DAY + 7 * HOUR  # 16:00

    assert due(stand(policy=BY_DAY, of="urgent"), RESOLUTION) == 4 * HOUR
    assert due(stand(policy=BY_DAY), FIRST) == 2 * DAY + 8 * HOUR
    clocks = stand((HOUR, ANSWER), (friday, phase("waiting")), (friday + 20 * HOUR, phase("active")), policy=BY_DAY)
    assert clocks.resolution.left == 72 * HOUR - 39 * HOUR


def test_what_is_not_promised_is_never_due_but_counts_for_a_priority_that_promises_it() -> None:
    policy = Policy("two", (("high", Promise(resolution=DAY)),))

    assert stand(policy=policy, until=90 * DAY).breached == ()
    assert due(stand((HOUR, priority("high")), policy=policy), RESOLUTION) == DAY
    assert stand((HOUR, priority("high")), (2 * HOUR, priority("none")), policy=policy).next_at is None


def test_another_policy_takes_over_what_has_passed() -> None:
    clocks, strict = stand(until=HOUR), Policy("strict", (("normal", Promise(2 * HOUR, HOUR, 8 * HOUR)),), warnings=())

    moved = replanned(clocks, DEFAULT_POLICY, strict, START + HOUR)

    assert (moved.policy, due(moved, FIRST), due(moved, RESOLUTION)) == ("strict", 2 * HOUR, 8 * HOUR)
    assert moved.next_at == START + 2 * HOUR


def test_the_one_timer_of_a_ticket_is_its_next_mark() -> None:
    assert stand().next_at == START + 18 * HOUR
    assert stand(until=18 * HOUR).next_at == START + 24 * HOUR
    assert stand((HOUR, ANSWER)).next_at == START + 54 * HOUR
    assert stand((HOUR, phase("closed"))).next_at is None


def test_after_a_long_downtime_everything_is_seen_late_in_order_and_once() -> None:
    clocks = opened(opening("urgent"), START, DEFAULT_POLICY)
    late = START + 30 * DAY

    found = lapsed(clocks, DEFAULT_POLICY, late)
    for lapse in (*found, *found):
        clocks = passing(clocks, lapse, DEFAULT_POLICY)

    assert [lapse.at - START for lapse in found] == [11.25 * MINUTE, 15 * MINUTE, 3 * HOUR, 4 * HOUR]
    assert lapsed(clocks, DEFAULT_POLICY, late) == () and clocks.next_at is None
    assert clocks.breached == (FIRST, RESOLUTION)


def test_a_config_with_more_warnings_does_not_warn_again_of_what_is_behind() -> None:
    clocks = stand(until=20 * HOUR)  # the warning at 75 percent was given
    more = replace(DEFAULT_POLICY, warnings=(50, 75, 90))

    assert [lapse.mark.percent for lapse in lapsed(clocks, more, START + 24 * HOUR) if lapse.target is FIRST] == [
        90,
        100,
    ]


def test_a_warning_that_the_config_dropped_is_no_breach() -> None:
    clocks = stand()  # the row's next time is that of the warning
    none = replace(DEFAULT_POLICY, warnings=())

    assert lapsed(clocks, none, START + 20 * HOUR) == ()
    assert planned(clocks, none).next_at == START + 24 * HOUR


def test_a_holiday_that_the_config_learned_of_moves_what_is_due() -> None:
    holiday = replace(OFFICE, days=((START.date() + DAY, ()),))
    clocks = stand(policy=BY_DAY)
    informed = replace(BY_DAY, calendar=holiday)

    assert due(clocks, FIRST) == 2 * DAY + 8 * HOUR
    assert due(planned(clocks, informed), FIRST) == 3 * DAY + 8 * HOUR
    assert [lapse.at - START for lapse in lapsed(clocks, informed, START + 3 * DAY + 8 * HOUR)] == [
        3 * DAY + 2 * HOUR,
        3 * DAY + 8 * HOUR,
    ]


def test_planning_again_changes_nothing_that_has_ended() -> None:
    for did in ([(HOUR, ANSWER)], [(HOUR, phase("closed"))], [(HOUR, phase("hold"))], [(25 * HOUR, ANSWER)]):
        clocks = stand(*did, until=26 * HOUR)
        assert planned(clocks, DEFAULT_POLICY) == clocks


def test_a_policy_that_its_calendar_can_never_keep_is_told_to_the_admin() -> None:
    never = Calendar("never", UTC, ((),) * 7)

    assert problem(DEFAULT_POLICY, START) is None
    assert problem(replace(DEFAULT_POLICY, promises=()), START) is None
    assert "'never'" in (problem(replace(DEFAULT_POLICY, calendar=never), START) or "")


def test_marks_come_in_the_order_in_which_a_clock_reaches_them() -> None:
    assert sorted([BREACH, Mark(after=HOUR), Mark(percent=75), Mark(after=MINUTE), Mark(percent=50)]) == [
        *(Mark(percent=50), Mark(percent=75), BREACH, Mark(after=MINUTE), Mark(after=HOUR))
    ]


CHANGES = st.sampled_from(
    [CUSTOMER, CUSTOMER, ANSWER, ANSWER, NOTE, ROBOT, SPAM, NO_SPAM]
    + [phase(each.value) for each in Phase]
    + [priority(name) for name, _ in DEFAULT_PROMISES]
)
GAPS = st.one_of(st.just(timedelta(0)), st.timedeltas(timedelta(0), HOUR), st.timedeltas(timedelta(0), 6 * DAY))
HISTORIES = st.lists(st.tuples(GAPS, CHANGES), max_size=12)
POLICIES = st.sampled_from(
    [DEFAULT_POLICY, BY_DAY, ANEW, ONLY_WORDS, replace(BY_DAY, steps=((RESOLUTION, Mark(after=2 * HOUR)),))]
)
ANY = settings(max_examples=150, deadline=None, derandomize=True)


def _events(history: list[tuple[timedelta, Change]]) -> list[Event]:
    passed, did = timedelta(0), []
    for gap, change in history:
        passed += gap
        did.append((passed, change))
    return story(*did)


@given(HISTORIES, POLICIES, st.lists(st.timedeltas(timedelta(0), 70 * DAY), max_size=6))
@ANY
def test_clocks_carried_along_from_row_to_row_are_those_of_the_whole_history(
    history: list[tuple[timedelta, Change]], policy: Policy, ticks: list[timedelta]
) -> None:
    events, end = _events(history), START + 80 * DAY
    instants = {event.at for event in events}
    moments = sorted({*instants, *(START + tick for tick in ticks), end})
    clocks, seen = opened(opening("normal"), START, policy), list[Lapse]()

    for now in moments:
        for lapse in lapsed(clocks, policy, now):
            clocks = passing(from_record(json.loads(json.dumps(to_record(clocks)))), lapse, policy)
            seen.append(lapse)
        for event in events:
            if event.at == now:
                clocks = after(clocks, event, policy)

    whole, all_lapses = told(events, policy, end)
    assert planned(clocks, policy) == clocks
    assert clocks == whole
    assert sorted(seen, key=lambda lapse: lapse.at) == sorted(all_lapses, key=lambda lapse: lapse.at)


@given(HISTORIES, POLICIES)
@ANY
def test_a_clock_never_counts_more_than_the_business_time_that_has_passed(
    history: list[tuple[timedelta, Change]], policy: Policy
) -> None:
    events = _events(history)
    for place, event in enumerate(events, 1):
        clocks = told(events[:place], policy, event.at)[0]
        for clock in map(clocks.of, Target):
            assert timedelta(0) <= clock.used <= between(policy.calendar, START, event.at)
            assert (
                clock.due_at is None
                or clock.late
                or clock.met_at
                or clock.due_at >= event.at
                or clock.since is not None
            )
            assert (clock.next_at is None) or clock.since is not None


@given(HISTORIES, POLICIES)
@ANY
def test_lapses_are_in_order_and_each_round_of_a_clock_passes_each_mark_once(
    history: list[tuple[timedelta, Change]], policy: Policy
) -> None:
    found = told(_events(history), policy, START + 80 * DAY)[1]

    for target in Target:
        of_it = [lapse for lapse in found if lapse.target is target]
        assert [lapse.at for lapse in of_it] == sorted(lapse.at for lapse in of_it)
        if target is FIRST:  # one round only
            assert all(one.mark < other.mark for one, other in pairwise(of_it))
