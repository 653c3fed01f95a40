"""Results as tables: for a terminal, for docs/performance.md, and as JSON."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from statistics import median, quantiles

from bench.anatomy import Anatomy
from bench.plan import Results

THREADS = {
    "maild-smtp": "SMTP session (looks at backlog and disk now and then)",
    "accept": "accepting (T1: source and spool row, many mails a commit)",
    "worker": "worker (T2: claim, facts, events, ticket, message, outbox)",
    "delivery": "deliverer (T3: claim, mark before the dot, outcome)",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One step beside its ceiling. `wanted` says for a person what the ratios should be."""

    step: str
    words: str
    ceiling: str | None
    wanted: str


ROWS = (
    Row("accept 20", "accept, 20 connections", "ceiling accept 20", "rate ≥ 75 %, CPU ≤ 1.3 ×"),
    Row("accept 1", "accept, 1 connection", "ceiling accept 1", "rate ≥ 60 %"),
    Row("handle", "handle (spool → tickets, outbox)", "ceiling parse", "CPU ≤ 3 ×, never over 4 ×"),
    Row("deliver", "deliver (outbox → relay), per notice", "ceiling deliver", "rate ≥ 80 %"),
    Row("end to end", "end to end, all notices delivered", "ceiling parse", ""),
    Row("handle, large", "handle at {tickets} tickets", "handle", "CPU ≤ 1.3 ×"),
    Row("deliver, large", "deliver at {tickets} tickets", "deliver", "CPU ≤ 1.3 ×"),
    Row("end to end, large", "end to end at {tickets} tickets", "end to end", "CPU ≤ 1.3 ×"),
)
CEILINGS = (
    ("ceiling accept 20", "aiosmtpd, empty handler, 20 connections"),
    ("ceiling accept 1", "aiosmtpd, empty handler, 1 connection"),
    ("ceiling parse", "standard library, compat32: tree and decoded parts"),
    ("ceiling deliver", "smtplib, one connection, mails of 3 KB"),
)
Table = tuple[tuple[str, ...], list[tuple[str, ...]]]


def spread(values: Iterable[float], digits: int = 0) -> str:
    """median (min-max)."""
    values = list(values)
    middle = f"{median(values):,.{digits}f}"
    return middle if len(values) == 1 else f"{middle} ({min(values):,.{digits}f}–{max(values):,.{digits}f})"


def ceilings(results: Results) -> Table:
    """What the libraries do alone."""
    rows = [
        (words, spread(_each(results, step, "per_second")), spread(_each(results, step, "cpu_ms"), 2))
        for step, words in CEILINGS
    ]
    return ("ceiling", "mails/s", "CPU ms a mail"), rows


def ours(results: Results) -> Table:
    """maild, and its ratios to the ceilings, paired round by round."""
    head = ("maild", "mails/s", "CPU ms a mail", "memory MB", "of the ceiling's rate", "× its CPU", "wanted")
    return head, [_row(results, row) for row in ROWS if row.step in results.steps]


def _row(results: Results, row: Row) -> tuple[str, ...]:
    rates, cpu = _each(results, row.step, "per_second"), _each(results, row.step, "cpu_ms")
    return (
        row.words.format(tickets=f"{results.tickets:,}"),
        spread(rates),
        spread(cpu, 2),
        f"{max(_each(results, row.step, 'resident_mb')):.0f}",
        _ratio(results, row, rates, "per_second", lambda ratio: f"{ratio * 100:.0f} %"),
        _ratio(results, row, cpu, "cpu_ms", lambda ratio: f"{ratio:.2f} ×"),
        row.wanted,
    )


def _ratio(results: Results, row: Row, own: list[float], value: str, shown: Callable[[float], str]) -> str:
    if row.ceiling is None or row.ceiling not in results.steps:
        return ""
    pairs = zip(own, _each(results, row.ceiling, value), strict=True)
    return shown(median(mine / theirs if theirs else 0.0 for mine, theirs in pairs))


def _each(results: Results, step: str, value: str) -> list[float]:
    return [sample[value] for sample in results.steps[step]]


def anatomy(found: dict[str, Anatomy]) -> Table:
    """Statements, transactions, flushes and bytes of a mail."""
    burst, single = found["burst"], found["single"]
    rows = [
        (THREADS.get(name, name), *(f"{each.statements.get(name, 0):.1f}" for each in (burst, single)),
         *(f"{each.transactions.get(name, 0):.2f}" for each in (burst, single)))
        for name in dict.fromkeys([*THREADS, *burst.statements, *single.statements])
        if any(each.statements.get(name, 0) >= 0.05 for each in (burst, single))
    ]  # fmt: skip
    totals = [sum(each.statements.values()) for each in (burst, single)]
    commits = [sum(each.transactions.values()) for each in (burst, single)]
    rows.append(("together", *(f"{each:.1f}" for each in totals), *(f"{each:.2f}" for each in commits)))
    return ("", "statements, burst", "single", "writing transactions, burst", "single"), rows


def flushes(found: dict[str, Anatomy]) -> Table:
    """What is forced to the disk, and how much is written."""
    names = dict.fromkeys(name for each in found.values() for name in each.flushes)
    rows = [
        (way, *(f"{each.flushes.get(name, 0):.2f}" for name in names), _flushed(each),
         f"{each.written_kb:.0f}")
        for way, each in found.items()
    ]  # fmt: skip
    return ("a mail in a", *(f"flushes of {name}" for name in names), "flushes", "KB written"), rows


def _flushed(each: Anatomy) -> str:
    return f"{sum(each.flushes.values()):.2f}" if each.flushes else "not counted"


def latency(results: Results) -> str:
    """The wait of a single mail, in words."""
    found = sorted(results.latencies_ms)
    slow = quantiles(found, n=20, method="inclusive")[-1] if len(found) > 1 else found[-1]
    return (
        f"A single mail to a maild at rest: from the 250 until the relay has its last notice "
        f"{median(found):.0f} ms (median; 95 %: {slow:.0f} ms, slowest {found[-1]:.0f} ms, {len(found)} mails)."
    )


def text(table: Table) -> str:
    """For a terminal: columns under each other."""
    head, rows = table
    widths = [max(len(row[place]) for row in (head, *rows)) for place in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (head, *rows)]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def markdown(table: Table) -> str:
    """For the docs."""
    head, rows = table
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows))


def document(results: Results) -> dict[str, object]:
    """All samples, for machines."""
    return {
        "tickets": results.tickets,
        "steps": results.steps,
        "latencies_ms": results.latencies_ms,
        "anatomy": {way: asdict(each) for way, each in results.anatomy.items()},
    }
