"""docs/performance.md, written from results."""

from bench import machine, report
from bench.plan import Results, Size

PAGE = """# Performance

Written by `python -m bench --write-docs`; measure yours with `make bench` (`--quick` for a first look, `--database URL`
for PostgreSQL). Absolute numbers belong to the machine, the ratios travel. Ceilings and maild take turns,
{rounds} rounds; median (smallest–largest).

Machine: {machine}. Load before {before}, after {after}.

The corpus is {mails} mails, the same in every run: 60 % open tickets, 40 % are replies of the same customer; 70 % plain
text of 2–8 KB, 25 % text and HTML of 13–37 KB, 5 % with a file of 300 KB. A new ticket is told to customer and agent, a
reply to the agent: 1.6 notices a mail. Sender and relay are processes of their own on loopback and not counted.
Database: {database}.

## What the libraries do alone

{ceilings}

## What maild does

CPU is that of all its processes{server}, from when the readers have started.

{ours}

Accepting is compared with aiosmtpd that keeps nothing; ours answers 250 only when the mail is durable. Handling and the
whole way are compared with parsing alone: handling adds dedupe, threading, rules, events, ticket, message and outbox,
and reads in a child with limits. Delivering is compared with smtplib that renders nothing and keeps no record. The last
rows are compared with the same step on an empty desk.

{latency}

## What one mail costs

A burst comes over 20 connections at once; single mails come one by one to a desk at rest.

{anatomy}

{flushes}

Why: the source is durable before the 250 (a commit that all waiting sessions share). The ticket is one durable
transaction of its own, so that one bad mail cannot undo its neighbours. A notice is marked before its final dot leaves,
and its outcome is recorded after it, so that after a crash maild knows what may have been sent; these notes are commits
that need no flush of their own. Mails and files over 64 KB lie beside the database, each with a flush of its own and of
its folders.

The statements of a burst that come most often:

{kinds}
"""


def written(results: Results, size: Size, database: str | None, loads: tuple[str, str]) -> str:
    """The whole page."""
    kinds = sorted(results.anatomy["burst"].kinds.items(), key=lambda each: (-each[1], each[0]))[:12]
    return PAGE.format(
        machine=machine.described(),
        before=loads[0],
        after=loads[1],
        rounds=size.rounds,
        mails=size.mails,
        database="PostgreSQL on the same machine" if database else "SQLite, WAL, synchronous=FULL",
        server=" and the database server's" if database else "",
        ceilings=report.markdown(report.ceilings(results)),
        ours=report.markdown(report.ours(results)),
        latency=report.latency(results),
        anatomy=report.markdown(report.anatomy(results.anatomy)),
        flushes=report.markdown(report.flushes(results.anatomy)),
        kinds=report.markdown((("thread: statement", "a mail"), [(name, f"{count:.1f}") for name, count in kinds])),
    )
