"""Relays that refuse for days, refuse one of many, lie about the dot, hang or are ill (faults F17 to F20)."""

import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from random import Random

from tests.faults.clockshift import ClockShift
from tests.faults.fault import Trial
from tests.faults.house import House, has_left, house
from tests.faults.relay import Liars, Relay, honest
from tests.servers.product import eventually
from tests.servers.sink import CLOSE

MINUTE = 60
HOUR = 60 * MINUTE
MOST_ATTEMPTS = 40
MOST_STEPS = 60


def four_yz_for_days(trial: Trial) -> None:
    """F17: every mail is refused for now, for three days; the gaps grow; then all leave, in order, once."""
    clock = ClockShift(trial.folder)
    relay = Relay(_refusing("RCPT", "451 4.7.1 greylisted"))
    with house(trial, relay=relay, environment=clock.environment) as home, home.desk.running():
        home.senders(trial.length(3, 20))
        eventually(lambda: home.relay.sessions >= 1, "a first attempt", 60)
        for _ in range(trial.length(12, 36)):
            clock.go_on(72 * HOUR // trial.length(12, 36))
            _a_while(home)
        relay.answer = honest
        _until_all_has_left(home, clock)
        home.settle()
        attempts = max((row["attempts"] for row in home.seen.outbox.values()), default=0)
        trial.see(f"three days of 4yz: at most {attempts} attempts of a mail")
        trial.must(f"at most {MOST_ATTEMPTS} attempts in three days", hold=attempts <= MOST_ATTEMPTS)
        home.verdict()


def one_of_many_is_refused(trial: Trial) -> None:
    """F18: one reader's address is refused for good; the others get their mail once."""
    relay = Relay()
    relay.refusals["alice@acme.test"] = "550 5.1.1 no such user"
    with house(trial, relay=relay) as home, home.desk.running():
        home.senders(trial.length(5, 50))
        home.settle()
        home.verdict()
        failed = [row for row in home.seen.outbox.values() if row["to"] == "alice@acme.test"]
        trial.see(f"{len(failed)} mails to the refused address, states {Counter(row['state'] for row in failed)}")
        trial.must("all of them failed", hold=all(row["state"] == "failed" for row in failed) and bool(failed))


def lies(trial: Trial) -> None:
    """F19 and R2: lies in every phase, kills among them; none is missing, no copy without a doubt that explains it."""
    clock = ClockShift(trial.folder)
    liars = Liars(Random(trial.seed), one_in=6)
    relay = Relay(liars)
    with house(trial, relay=relay, environment=clock.environment) as home:
        home.senders(trial.length(20, 1700), pace=0.2)
        for _ in range(trial.length(4, 120)):
            daemon = home.desk.start()
            time.sleep(home.random.uniform(0.5, 2.5))  # the random moment itself
            daemon.kill()
            clock.go_on(20 * MINUTE)
        with home.desk.running():
            _until_all_has_left(home, clock)
            liars.honest_from_now = True
            _until_all_has_left(home, clock)
            home.settle()
        home.verdict()
        _count(trial, home, liars)


def _count(trial: Trial, home: House, liars: Liars) -> None:
    states = Counter(row["state"] for row in home.seen.outbox.values())
    attempts = sum(row["attempts"] for row in home.seen.outbox.values())
    ids = {mail["Message-ID"] for mail in home.relay.mails}
    trial.see(f"{trial.length(4, 120)} kills, {attempts} attempts, {sum(liars.told.values())} lies, {dict(states)}")
    trial.see(
        f"{len(home.relay.mails)} mails at the relay under {len(ids)} Message-IDs, {sum(home.relay.in_doubt.values())} in doubt"
    )
    stuck = {state: count for state, count in states.items() if state not in ("sent", "unknown", "failed")}
    trial.must(f"nothing is left over: {stuck}", hold=not stuck)
    in_doubt = home.relay.in_doubt
    doubtless = [
        row["id"]
        for row in home.seen.outbox.values()
        if row["state"] in ("unknown", "failed") and not in_doubt[row["message_id"], row["to"]]
    ]
    trial.must(f"no mail is given up that nobody swallowed: {doubtless[:5]}", hold=not doubtless)


def ill_relays(trial: Trial) -> None:
    """F20: 421 at every third greeting, babble, hang-ups before the mail: the relay rests, no mail loses an attempt."""
    for words, answer in ILLS:
        clock = ClockShift(trial.folder)
        relay = Relay(answer())
        with house(trial, relay=relay, environment=clock.environment, folder=trial.folder / words) as home:
            with home.desk.running():
                home.senders(trial.length(4, 20))
                eventually(partial(_has_met, relay, 2), "two sessions", 60)
                for _ in range(10):
                    clock.go_on(MINUTE)
                    _a_while(home)
                home.seen.look(home.ask)
                attempts = max((row["attempts"] for row in home.seen.outbox.values()), default=0)
                relay.answer = honest
                _until_all_has_left(home, clock)
                home.settle()
            home.verdict()
        trial.see(f"{words}: at most {attempts} attempts spent")
        trial.must(f"{words}: no attempts are spent on an ill relay", hold=attempts <= 1)


def _has_met(relay: Relay, sessions: int) -> bool:
    return relay.sessions >= sessions


def _refusing(phase: str, answer: str) -> Callable[[str], str]:
    return lambda asked: answer if asked == phase else honest(asked)


def _each_third(answer: str) -> Callable[[str], str]:
    greeted = iter(range(10**9))
    return lambda asked: answer if asked == "banner" and next(greeted) % 3 != 2 else honest(asked)


ILLS: tuple[tuple[str, Callable[[], Callable[[str], str]]], ...] = (
    ("421 at greetings", lambda: _each_third("421 4.3.2 not now")),
    ("hang-up at EHLO", lambda: _refusing("EHLO", CLOSE)),
)


def _a_while(home: House) -> None:
    """One look of the deliverer's, which looks each second."""
    before = home.relay.sessions
    try:
        eventually(lambda: home.relay.sessions > before, "a session", 2.5)
    except AssertionError:
        return


def _until_all_has_left(home: House, clock: ClockShift) -> None:
    """Hours pass until nothing is due any more."""
    for _ in range(MOST_STEPS):
        home.seen.look(home.ask)
        waiting = [row for row in home.seen.outbox.values() if row["state"] in ("pending", "sending")]
        taken = sum(letter.acknowledged for source in home.sources for letter in source.taken)
        if not waiting and has_left(home.seen) and home.seen.messages + len(home.seen.quarantine) >= taken:
            return
        clock.go_on(HOUR)
        _a_while(home)
