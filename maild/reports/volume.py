"""How much came in, how much was answered and solved, and how fast (SPEC RE-1, its first part)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from maild.clock import rfc3339
from maild.reports.table import Table


@dataclass(frozen=True, slots=True)
class Volume:
    """One period. Durations are from opening to the first public answer, and to the resolution."""

    since: datetime
    until: datetime
    opened: int
    resolved: int
    closed: int
    by_phase: tuple[tuple[str, int], ...]
    first_responses: tuple[timedelta, ...]
    resolutions: tuple[timedelta, ...]


def _median(values: tuple[timedelta, ...]) -> timedelta | None:
    return timedelta(seconds=median(each.total_seconds() for each in values)) if values else None


def _shown(value: timedelta | None) -> str:
    if value is None:
        return "–"
    minutes = int(value.total_seconds() // 60)
    days, hours = divmod(minutes // 60, 24)
    return f"{days} d {hours} h" if days else (f"{hours} h {minutes % 60} min" if hours else f"{minutes} min")


def volume_table(volume: Volume) -> Table:
    """One number a line."""
    rows = [
        ("opened", str(volume.opened)),
        ("resolved", str(volume.resolved)),
        ("closed", str(volume.closed)),
        ("first response, median", _shown(_median(volume.first_responses))),
        ("resolution, median", _shown(_median(volume.resolutions))),
        *((f"now {phase}", str(count)) for phase, count in volume.by_phase),
    ]
    return Table(f"{volume.since:%Y-%m-%d} to {volume.until:%Y-%m-%d}", ("", ""), tuple(rows))


def volume_json(volume: Volume) -> dict[str, Any]:
    """For scripts; durations in seconds."""
    first, resolution = _median(volume.first_responses), _median(volume.resolutions)
    return {
        "report": "volume",
        "since": rfc3339(volume.since),
        "until": rfc3339(volume.until),
        "opened": volume.opened,
        "resolved": volume.resolved,
        "closed": volume.closed,
        "by_phase": dict(volume.by_phase),
        "first_response_median_seconds": first.total_seconds() if first else None,
        "resolution_median_seconds": resolution.total_seconds() if resolution else None,
    }
