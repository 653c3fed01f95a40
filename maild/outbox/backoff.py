"""How long a mail waits after its n-th failed attempt (RELIABILITY 1.6)."""

from datetime import timedelta

SCHEDULE = tuple(timedelta(minutes=each) for each in (1, 5, 15, 30, 60, 120, 240))
WIDEST = 0.5


def next_attempt(attempt: int, schedule: tuple[timedelta, ...] = SCHEDULE, jitter: float = 0.0) -> timedelta:
    """The wait after attempt number `attempt` (from 1); the last step repeats.

    `jitter` is a random fraction of the wait, such as -0.1 to 0.1: what failed together does not come back together.
    """
    step = schedule[min(max(attempt, 1), len(schedule)) - 1]
    return step * (1 + min(max(jitter, -WIDEST), WIDEST))
