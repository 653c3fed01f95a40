"""The peers' results as tables: what each does, and the ratios that are wanted."""

from dataclasses import dataclass
from statistics import median

from bench.peers.plan import Results
from bench.report import Table, markdown, spread

SECTION = """{rounds} rounds of {mails} mails on {machine}; load after each: {loads}.

{measured}

{ratios}

The same mails for everyone, but that the replies to Roundup and django-helpdesk name the ticket in their subjects,
where those look first. Each run of theirs begins on a fresh copy and is checked: the tickets and messages that it added
are exactly those of the corpus. Both use SQLite with their own settings, know their customers beforehand, tell customer
and agent as maild does, and send to the same relay. They are handed the mails at once, as one mbox and as one
directory, and what a bare start costs them is taken off; maild gets its mails over 20 SMTP connections and answers 250
only when each is durable. CPU is that of all processes of each.
"""

NAMES = {
    "roundup": "Roundup 2.6.0, one batch from an mbox",
    "helpdesk": "django-helpdesk 2.6.1, `get_email` on a directory",
    "helpdesk, large": "django-helpdesk at {tickets} tickets",
    "maild": "maild, SMTP to the relay",
    "maild, large": "maild at {tickets} tickets",
    "maild, huge": "maild at {tickets} tickets",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A ratio of two, by rate or by CPU, and what it should be."""

    words: str
    own: str
    other: str
    value: str
    limit: float

    def met(self, ratio: float) -> bool:
        """A rate is at least so many times the other's, a cost at most."""
        return ratio >= self.limit if self.value == "per_second" else ratio <= self.limit


WANTED = (
    Wanted("mails/s beside Roundup", "maild", "roundup", "per_second", 6),
    Wanted("CPU beside Roundup", "maild", "roundup", "cpu_ms", 0.25),
    Wanted("mails/s beside django-helpdesk", "maild", "helpdesk", "per_second", 8),
    Wanted("mails/s beside django-helpdesk, large", "maild, large", "helpdesk, large", "per_second", 20),
    Wanted("CPU, large beside empty", "maild, large", "maild", "cpu_ms", 1.3),
    Wanted("CPU, huge beside empty", "maild, huge", "maild", "cpu_ms", 1.3),
)


def measured(results: Results) -> Table:
    """What each of them does."""
    rows: list[tuple[str, ...]] = [
        (
            words.format(tickets=f"{results.tickets.get(name, 0):,}"),
            spread((each.per_second for each in results.samples[name]), 1),
            spread((each.cpu_ms for each in results.samples[name]), 1),
            f"{max(each.resident_mb for each in results.samples[name]):.0f}",
        )
        for name, words in NAMES.items()
        if name in results.samples
    ]
    return ("the whole way", "mails/s", "CPU ms a mail", "memory MB"), rows


def ratios(results: Results) -> Table:
    """Paired round by round; the median (smallest–largest) of the rounds."""
    rows = [_ratio(results, each) for each in WANTED if {each.own, each.other} <= results.samples.keys()]
    return ("ratio", "found", "wanted", ""), rows


def _ratio(results: Results, wanted: Wanted) -> tuple[str, ...]:
    pairs = zip(results.samples[wanted.own], results.samples[wanted.other], strict=True)
    found = [getattr(own, wanted.value) / getattr(other, wanted.value) for own, other in pairs]
    sign = "≥" if wanted.value == "per_second" else "≤"
    reached = "met" if wanted.met(median(found)) else "missed"
    return wanted.words, f"{spread(found, 2)} ×", f"{sign} {wanted.limit:g} ×", reached


def section(results: Results, mails: int, rounds: int, machine: str) -> str:
    """For the docs."""
    return SECTION.format(
        rounds=rounds,
        mails=mails,
        machine=machine,
        loads="; ".join(results.loads),
        measured=markdown(measured(results)),
        ratios=markdown(ratios(results)),
    )
