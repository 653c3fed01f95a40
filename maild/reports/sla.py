"""How many promises were kept, and why the others were not (SPEC SL-3)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from maild.clock import rfc3339
from maild.reports.table import Table

NO_CAUSE = "(not said)"


@dataclass(frozen=True, slots=True)
class Kept:
    """One promise of one ticket: kept or broken; `cause` is what an agent said of it."""

    priority: str
    target: str
    broken: bool
    cause: str | None


@dataclass(frozen=True, slots=True)
class Achievement:
    """All promises of the tickets that were opened in a period and that are decided: met, or broken."""

    since: datetime
    until: datetime
    counted: tuple[tuple[str, str, int, int], ...]  # priority, target, kept, broken
    causes: tuple[tuple[str, int], ...]


def achievement(since: datetime, until: datetime, promises: Iterable[Kept]) -> Achievement:
    """Counted once through; the promises may be very many."""
    decided: Counter[tuple[str, str, bool]] = Counter()
    causes: Counter[str] = Counter()
    for each in promises:
        decided[each.priority, each.target, each.broken] += 1
        if each.broken:
            causes[each.cause or NO_CAUSE] += 1
    pairs = sorted({(priority, target) for priority, target, _ in decided})
    counted = tuple((*pair, decided[(*pair, False)], decided[(*pair, True)]) for pair in pairs)
    return Achievement(since, until, counted, tuple(causes.most_common()))


def sla_table(found: Achievement) -> Table:
    """A line for each priority and promise, one for all, and one for each cause."""
    rows = [
        (f"{priority}, {target.replace('_', ' ')}", str(kept), str(broken), _share(kept, broken))
        for priority, target, kept, broken in found.counted
    ]
    kept, broken = sum(row[2] for row in found.counted), sum(row[3] for row in found.counted)
    rows.append(("all", str(kept), str(broken), _share(kept, broken)))
    rows += [(f"late because: {cause}", "", str(count), "") for cause, count in found.causes]
    title = f"Promises of tickets opened {found.since:%Y-%m-%d} to {found.until:%Y-%m-%d}"
    return Table(title, ("promise", "kept", "broken", "kept %"), tuple(rows))


def _share(kept: int, broken: int) -> str:
    return f"{100 * kept / (kept + broken):.1f}" if kept + broken else "–"


def sla_json(found: Achievement) -> dict[str, Any]:
    """For scripts."""
    return {
        "report": "sla",
        "since": rfc3339(found.since),
        "until": rfc3339(found.until),
        "promises": [
            {"priority": priority, "target": target, "kept": kept, "broken": broken}
            for priority, target, kept, broken in found.counted
        ],
        "causes": [{"cause": cause, "count": count} for cause, count in found.causes],
    }
