"""What is missing on this machine is said plainly; where everything must be there (CI) it fails instead."""

import os

import pytest


def require(missing: str | None) -> None:
    """Skips with the reason, or fails when `CI=true`: real components are never left out there."""
    if missing is None:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    pytest.skip(missing)
