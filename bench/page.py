"""docs/performance.md: every bench writes the sections that are its own, and leaves the others alone."""

from pathlib import Path

from bench import machine, report
from bench.plan import Results, Size
from bench.processes import ROOT

FILE = ROOT / "docs" / "performance.md"
RULE = "\n## "
INTRODUCTION = """# Performance

Measure yours with `make bench` (`python -m bench --quick` for a first look, `--database URL` for PostgreSQL) and
`make bench-peers`; each bench writes its own sections here when told `--write-docs`. Absolute numbers belong to the
machine, the ratios travel. What is compared takes turns in one run; median (smallest–largest) of the rounds.
"""
CEILINGS = """{rounds} rounds on {machine}; load before {before}, after {after}.

The corpus is {mails} mails, the same in every run: 60 % open tickets, 40 % are replies of the same customer; 70 % plain
text of 2–8 KB, 25 % text and HTML of 13–37 KB, 5 % with a file of 300 KB. A new ticket is told to customer and agent, a
reply to the agent: 1.6 notices a mail. Sender and relay are processes of their own on loopback and not counted.
Database: {database}.

{ceilings}
"""
OURS = """CPU is that of all its processes{server}, from when the readers have started.

{ours}

Accepting is compared with aiosmtpd that keeps nothing; ours answers 250 only when the mail is durable. Handling and the
whole way are compared with parsing alone: handling adds dedupe, threading, rules, events, ticket, message and outbox,
and reads in a child with limits. Delivering is compared with smtplib that renders nothing and keeps no record. The last
rows are compared with the same step on an empty desk.

{latency}
"""
COSTS = """A burst comes over 20 connections at once; single mails come one by one to a desk at rest.

{anatomy}

{flushes}

Why: the source is durable before the 250 (a commit that all waiting sessions share). The mails of a batch become
tickets in one transaction that waits for no flush; when one of them fails, each is done alone. The first notice of a
batch is marked durably before its final dot leaves, which makes its ticket durable, too; later marks and the outcomes
are commits without a flush. Mails and files over 64 KB lie beside the database, each with a flush of its own and of its
folders.

The statements of a burst that come most often:

{kinds}
"""


def put(sections: dict[str, str], file: Path = FILE) -> None:
    """Writes these sections over those of the same titles, or behind the last one."""
    _, *kept = file.read_text().split(RULE) if file.exists() else [""]
    found = {title: body.strip("\n") for title, _, body in (piece.partition("\n") for piece in kept)}
    found.update({title: body.strip("\n") for title, body in sections.items()})
    pieces = [INTRODUCTION.strip("\n"), *(f"## {title}\n\n{body}" for title, body in found.items())]
    file.write_text("\n\n".join(pieces) + "\n")


def sections(results: Results, size: Size, database: str | None, loads: tuple[str, str]) -> dict[str, str]:
    """Those of `python -m bench`."""
    kinds = sorted(results.anatomy["burst"].kinds.items(), key=lambda each: (-each[1], each[0]))[:12]
    ceilings = CEILINGS.format(
        machine=machine.described(),
        before=loads[0],
        after=loads[1],
        rounds=size.rounds,
        mails=size.mails,
        database="PostgreSQL on the same machine" if database else "SQLite, WAL, synchronous=FULL",
        ceilings=report.markdown(report.ceilings(results)),
    )
    ours = OURS.format(
        server=" and the database server's" if database else "",
        ours=report.markdown(report.ours(results)),
        latency=report.latency(results),
    )
    costs = COSTS.format(
        anatomy=report.markdown(report.anatomy(results.anatomy)),
        flushes=report.markdown(report.flushes(results.anatomy)),
        kinds=report.markdown((("thread: statement", "a mail"), [(name, f"{count:.1f}") for name, count in kinds])),
    )
    return {"What the libraries do alone": ceilings, "What maild does": ours, "What one mail costs": costs}
