"""The short form of the kill campaign: every mail that was answered 250 is there, once and whole."""

from pathlib import Path

import pytest

from tests.faults import campaign

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]
KILLS, SEED = 12, 7


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_daemon_killed_at_any_moment_loses_and_doubles_nothing(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # when
    result = campaign.run(KILLS, database, SEED, tmp_path)
    # then
    with capsys.disabled():
        print(f"\n{result}")
    assert not result.wrong, "\n".join([str(result), *result.wrong])
    assert result.acked == 2 * campaign.A_ROUND * KILLS
