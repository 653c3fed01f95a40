"""How long a mail waits: after its n-th failed attempt (RELIABILITY 1.6), or for the limit of a relay (SPEC OUT-7)."""

import re
from dataclasses import dataclass
from datetime import timedelta

from maild.errors import RelayError

SCHEDULE = tuple(timedelta(minutes=each) for each in (1, 5, 15, 30, 60, 120, 240))
WIDEST = 0.5
MOST = 100_000
UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_RATE = re.compile(r"(\d{1,7})\s?/\s?(\d{0,4})([smhd])")


def next_attempt(attempt: int, schedule: tuple[timedelta, ...] = SCHEDULE, jitter: float = 0.0) -> timedelta:
    """The wait after attempt number `attempt` (from 1); the last step repeats.

    `jitter` is a random fraction of the wait, such as -0.1 to 0.1: what failed together does not come back together.
    """
    step = schedule[min(max(attempt, 1), len(schedule)) - 1]
    return step * (1 + min(max(jitter, -WIDEST), WIDEST))


@dataclass(frozen=True, slots=True)
class Rate:
    """So many mails in any span of this length."""

    count: int
    span: timedelta

    def __str__(self) -> str:
        return f"{self.count} in {self.span}"


def rate_of(value: object) -> Rate:
    """A rate as an admin writes it: `60/m`, `1000/h`, `20/10s`."""
    found = _RATE.fullmatch(value.strip().lower()) if isinstance(value, str) else None
    rate = Rate(int(found[1]), int(found[2] or 1) * UNITS[found[3]]) if found else None
    if rate is None or not 1 <= rate.count <= MOST or not rate.span:
        raise ValueError(f'must be mails per time such as "60/m", "1000/h" or "20/10s", at most {MOST} mails')
    return rate


class RateReached(RelayError):
    """The relay gets no more mails before `wait` is over: nothing is wrong with it, the limit is the admin's."""

    def __init__(self, words: str, wait: timedelta) -> None:
        super().__init__(words)
        self.wait = wait
