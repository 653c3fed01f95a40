"""The short form of `python -m tests.commands.fuzz`."""

from pathlib import Path

import pytest

from tests.commands.fuzz import campaign


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_fifty_random_blocks_never_half_apply_and_never_leak(tmp_path: Path, seed: int) -> None:
    scene = campaign(tmp_path, 50, seed)

    assert sum(scene.seen.values()) == 50
    assert min(scene.seen["refused"], scene.seen["filed"]) > 5
