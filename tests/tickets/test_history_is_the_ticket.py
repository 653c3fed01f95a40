"""A ticket is what its history says: for any changes, and for any that people make through a whole desk."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.errors import PermanentError
from maild.mail.model import Mailbox
from maild.resources import data_dir
from maild.store import migrate, open_store, tickets
from maild.tickets.event_records import from_record, to_record
from maild.tickets.events import CHANGES, Change, Event, Opened, numbered
from maild.tickets.fold import fold
from maild.tickets.ticket import Standing
from maild.tickets.workflow import Phase
from tests.desk_driver import DeskDriver, written

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
st.register_type_strategy(str, TEXTS)
st.register_type_strategy(int, st.integers(0, 2**31))
st.register_type_strategy(datetime, st.datetimes(START.replace(tzinfo=None), timezones=st.just(UTC)))
st.register_type_strategy(Phase, st.sampled_from(Phase))
st.register_type_strategy(Standing, st.sampled_from(Standing))
st.register_type_strategy(Mailbox, st.builds(Mailbox, st.sampled_from(["jane@x.test", "carl@x.test"]), TEXTS))
AUTHORS = st.sampled_from(["alice", "bob", "jane@x.test"])


def _changes(kind: type[Change]) -> st.SearchStrategy[Change]:
    """Any change of a kind; few people, so that they meet."""
    given_ones: dict[str, st.SearchStrategy[object]] = {}
    if kind.kind == "message":
        given_ones = {"by": st.sampled_from(["customer", "unverified", "agent", "robot"]), "author": AUTHORS}
        given_ones["visibility"] = st.sampled_from(["public", "internal"])
    if kind.kind == "participant":
        given_ones = {"address": st.sampled_from(["jane@x.test", "carl@x.test", "ida@x.test"])}
    return st.builds(kind, **given_ones)


ANY_CHANGE = st.one_of([_changes(kind) for kind in CHANGES])
HISTORIES = st.tuples(_changes(Opened), st.lists(ANY_CHANGE, max_size=25))


def _events(changes: list[Change]) -> list[Event]:
    events = [Event(START + timedelta(minutes=place), "system:test", each) for place, each in enumerate(changes)]
    return numbered(events, 0)


@pytest.mark.parametrize("kind", CHANGES, ids=lambda kind: kind.kind)
def test_every_kind_of_change_is_the_same_after_a_trip_through_json(kind: type[Change]) -> None:
    @given(_changes(kind))
    @settings(max_examples=50, deadline=None, derandomize=True)
    def check(change: Change) -> None:
        name, old, new = to_record(change)
        assert from_record(name, json.loads(json.dumps(old)), json.loads(json.dumps(new))) == change

    check()


def test_no_two_kinds_of_change_have_the_same_name() -> None:
    assert len({kind.kind for kind in CHANGES}) == len(CHANGES)


@given(HISTORIES, st.data())
@settings(max_examples=100, deadline=None, derandomize=True)
def test_a_ticket_can_be_told_from_its_history_at_once_or_in_pieces(
    history: tuple[Change, list[Change]], data: st.DataObject
) -> None:
    events = _events([history[0], *history[1]])
    cut = data.draw(st.integers(1, len(events)))

    whole = fold(1001, None, events)
    pieces = fold(1001, fold(1001, None, events[:cut]), events[cut:]) if cut < len(events) else whole

    assert whole == pieces
    assert whole.seq == len(events)
    assert whole.updated_at == events[-1].at
    assert len({each.address for each in whole.participants}) == len(whole.participants)
    assert len(set(whole.followers)) == len(whole.followers)


def test_the_stored_row_is_the_fold_after_any_changes(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/maild.db")
    migrate.upgrade(store, data_dir("migrations"))

    @given(HISTORIES)
    @settings(max_examples=40, deadline=None, derandomize=True)
    def check(history: tuple[Change, list[Change]]) -> None:
        with store.begin() as tx:
            number = tickets.next_number(tx, 1001)
            ticket = None
            for event in _events([history[0], *history[1]]):
                after = fold(number, ticket, [event])
                tickets.save(tx, ticket, after)
                tickets.append(tx, number, [event])
                ticket = after
            assert tickets.load(tx, number) == ticket == fold(number, None, tickets.history(tx, number))

    check()
    store.close()


CUSTOMERS = ("Jane Doe <jane@customer.test>", "carl@customer.test", "Ida <ida@other.test>")
AGENTS = ("alice", "bob")
LINES = (
    *("#take", "#assign bob", "#assign none", "#priority high -- the boss calls", "#priority low", "#tag vpn printer"),
    *("#untag vpn", "#waiting", "#hold", "#open", "#resolve", "#close", "#add ida@other.test", "#add zoe@other.test"),
)


class Life:
    """What happens at a desk on a day, by chance and always the same for one seed."""

    def __init__(self, desk: DeskDriver, seed: int) -> None:
        self._desk = desk
        self._random = Random(seed)
        self._received: list[object] = []

    def step(self) -> None:
        acts = (self._writes, self._replies, self._replies, self._commands, self._commands, self._notes, self._time)
        self._random.choice(acts)()
        self._received += self._desk.relay.take()
        self._desk.clock.advance(minutes=self._random.randint(1, 300))

    def _writes(self) -> None:
        author, copied = self._random.sample(CUSTOMERS, 2)
        headers = f"Cc: {copied}\n" if self._random.random() < 0.5 else ""
        self._desk.receive(written(author=author, body=f"Help {self._random.random()}!\n", headers=headers))

    def _replies(self) -> None:
        if not self._received:
            self._writes()
            return
        mail = self._random.choice(self._received)
        line = self._random.choice((*LINES, "", "")) if "acme" in mail.rcpt_to else ""  # type: ignore[attr-defined]
        text = f"{line}\n\nSo be it {self._random.random()}."
        self._desk.answer(mail, text, author=mail.rcpt_to)  # type: ignore[arg-type, attr-defined]

    def _commands(self) -> None:
        self._do("\n".join(self._random.sample(LINES, self._random.randint(1, 2))))

    def _notes(self) -> None:
        self._do(f"{self._random.choice(('#note', '#reply'))}\n\nWords {self._random.random()}")

    def _do(self, text: str) -> None:
        known = self._desk.tickets()
        if known:
            try:
                self._desk.do(self._random.choice(known).number, text, self._random.choice(AGENTS))
            except PermanentError:
                return  # a step that the workflow does not have: nothing was changed

    def _time(self) -> None:
        self._desk.clock.advance(days=self._random.choice((1, 8, 40)))
        self._desk.tick()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_after_sixty_things_that_people_do_every_ticket_is_what_its_history_says(
    tmp_path: Path, sqlite_url: str, seed: int
) -> None:
    desk = DeskDriver(tmp_path, sqlite_url)
    life = Life(desk, seed)

    for _ in range(60):
        life.step()

    everything = desk.tickets()
    assert len(everything) >= 3
    kinds = {event.change.kind for ticket in everything for event in desk.history(ticket.number)}
    assert {"opened", "message", "status", "assignee", "tags", "participant", "priority"} <= kinds
    for ticket in everything:
        told = fold(ticket.number, None, desk.history(ticket.number))
        assert told == ticket
        assert told.participants == desk.ticket(ticket.number).participants
        assert ticket.messages == len(desk.messages(ticket.number))
        assert [event.seq for event in desk.history(ticket.number)] == list(range(1, ticket.seq + 1))
    desk.close()
