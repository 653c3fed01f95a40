"""How long a mail waits after its n-th failed attempt (RELIABILITY 1.6)."""

from datetime import timedelta

SCHEDULE = tuple(timedelta(minutes=each) for each in (1, 5, 15, 30, 60, 120, 240))
SPREAD = 0.1


def next_attempt(attempt: int, schedule: tuple[timedelta, ...] = SCHEDULE, jitter: float = 0.5) -> timedelta:
    """The wait after attempt number `attempt` (from 1); the last step repeats.

    `jitter` is a random number from 0 to 1 that spreads the wait by ±10 %, so that mails which failed together do not
    come back together.
    """
    step = schedule[min(max(attempt, 1), len(schedule)) - 1]
    return step * (1 + SPREAD * (2 * min(max(jitter, 0.0), 1.0) - 1))
