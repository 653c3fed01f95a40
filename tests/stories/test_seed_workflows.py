"""The workflows of examples/: every allowed step is walked, every other is refused with the allowed ones named."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from maild.desk.act import WrongLines
from maild.tickets.events import StatusChanged
from tests.desk_driver import DeskDriver, written
from tests.stories.seed_desks import ADMINS, JANE, STEPS, opened, seed_desk, way_to

SEEDS = tuple(STEPS)


@pytest.fixture(params=SEEDS)
def seed(request: pytest.FixtureRequest) -> str:
    """One of the examples."""
    return str(request.param)


@pytest.fixture
def seeded(seed: str, tmp_path: Path, sqlite_url: str) -> Iterator[DeskDriver]:
    """Its desk."""
    driver = seed_desk(seed, tmp_path, sqlite_url)
    yield driver
    driver.close()


def test_the_table_in_the_file_is_the_table_of_the_seed(seed: str, seeded: DeskDriver) -> None:
    workflow = seeded.room.book.workflow

    assert {status.name: status.next for status in workflow.statuses} == STEPS[seed]
    assert workflow.first.name == next(iter(STEPS[seed]))
    assert workflow.frozen_closed is (seed == "closed-is-final")


def test_every_allowed_step_is_walked(seed: str, seeded: DeskDriver) -> None:
    steps, admin = STEPS[seed], ADMINS[seed]

    for old, allowed in steps.items():
        for new in allowed:
            number = opened(seeded, f"From {old} to {new}", f"I come from {old} and go to {new}.\n").number
            for status in (*way_to(steps, old), new):
                assert seeded.do(number, f"#status {status} -- the story", admin).status == status
            steps_taken = [event for event in seeded.history(number) if isinstance(event.change, StatusChanged)]
            assert steps_taken[-1].change == StatusChanged(old, new, seeded.ticket(number).phase)
            assert steps_taken[-1].reason == "the story"


def test_every_other_step_is_refused_with_the_allowed_ones_named(seed: str, seeded: DeskDriver) -> None:
    steps, admin = STEPS[seed], ADMINS[seed]

    for old, allowed in steps.items():
        number = opened(seeded, f"At {old}", f"I am {old}.\n").number
        for status in way_to(steps, old):
            seeded.do(number, f"#status {status}", admin)
        for new in set(steps) - {old, *allowed}:
            with pytest.raises(WrongLines) as refused:
                seeded.do(number, f"#status {new}", admin)
            assert f"from {old} there is no step to {new}" in str(refused.value)
            assert f"allowed now: {', '.join(allowed) or 'none'}" in str(refused.value)
        assert seeded.ticket(number).status == old


def test_by_mail_a_forbidden_step_does_nothing_and_the_text_comes_back_with_the_allowed_ones(
    seed: str, seeded: DeskDriver
) -> None:
    steps = STEPS[seed]
    agent = seeded.room.book.directory.agent_named(ADMINS[seed])
    assert agent is not None
    number = opened(seeded).number
    seeded.do(number, "#take", agent.name)
    seeded.receive(written(author=JANE, to="support@example.test", subject=f"[TICK-{number}] More", body="And now?\n"))
    notice = next(each for each in seeded.relay.take() if each.rcpt_to == agent.email)
    old = seeded.ticket(number).status
    forbidden = sorted(set(steps) - {old, *steps[old]})
    forbidden = forbidden or [f"{old}, please"]

    seeded.answer(notice, f"#status {forbidden[0]}\n\nYour parcel left.", author=agent.email)

    back = seeded.relay.take()
    assert [(each.rcpt_to, each.event) for each in back] == [(agent.email, "commands_refused")]
    assert "Your parcel left." in back[0].text
    assert seeded.ticket(number).status == old
    if forbidden[0] in steps:
        assert f"allowed now: {', '.join(steps[old])}" in " ".join(back[0].text.split())
