"""What must hold whatever was killed (I1-I3 and more), read from the ledger, the sink and the commands' JSON alone."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.desk_driver import Sent
from tests.faults.source import Letter
from tests.faults.told import Teller

Findings = list[str]


@dataclass(slots=True)
class Seen:
    """What the commands told, at the last look."""

    outbox: dict[int, dict[str, Any]] = field(default_factory=dict)
    quarantine: dict[int, dict[str, Any]] = field(default_factory=dict)
    tickets: dict[str, dict[str, Any]] = field(default_factory=dict)

    def look(self, ask: Teller) -> None:
        self.outbox |= {row["id"]: row for row in ask("outbox", "list", "--all") or []}
        self.quarantine |= {row["id"]: row for row in ask("quarantine", "list") or []}
        self.tickets |= {row["number"]: row for row in ask("ticket", "list") or []}

    @property
    def messages(self) -> int:
        return sum(ticket["messages"] for ticket in self.tickets.values())

    def behind_the_unknown(self) -> set[int]:
        """Rows whose outcome is unknown are sent once more after a quarter of an hour; what goes to the same reader
        about the same ticket keeps its order and waits behind them."""
        unknown = {_thread(row) for row in self.outbox.values() if _is_unknown(row)}
        return {number for number, row in self.outbox.items() if row["state"] != "sent" and _thread(row) in unknown}

    def read_whole(self, ask: Teller) -> None:
        """Every ticket with its messages and events."""
        self.tickets = {number: ask("ticket", "show", number) for number in sorted(self.tickets)}


def _thread(row: dict[str, Any]) -> tuple[str, str]:
    return row["ticket"], row["to"]


def _is_unknown(row: dict[str, Any]) -> bool:
    return row["state"] == "unknown" or (row["state"] == "pending" and "unknown" in (row["last_reply"] or ""))


@dataclass(slots=True)
class Verdict:
    """Each list names what is wrong; all empty is what we want."""

    lost: Findings = field(default_factory=list)
    doubled: Findings = field(default_factory=list)
    half: Findings = field(default_factory=list)
    unsent: Findings = field(default_factory=list)
    ghosts: Findings = field(default_factory=list)
    unexplained: Findings = field(default_factory=list)
    audit: Findings = field(default_factory=list)
    set_aside: int = 0
    copies: int = 0

    @property
    def wrong(self) -> Findings:
        lists = (self.lost, self.doubled, self.half, self.unsent, self.ghosts, self.unexplained, self.audit)
        return [words for each in lists for words in each]

    def __str__(self) -> str:
        return (
            f"{len(self.lost)} lost, {len(self.doubled)} doubled, {len(self.half)} half, {len(self.unsent)} unsent, "
            f"{len(self.ghosts)} ghosts, {self.copies} copies ({len(self.unexplained)} unexplained), "
            f"{self.set_aside} in quarantine"
        )


def check(
    letters: list[Letter],
    seen: Seen,
    sent: list[Sent],
    in_doubt: Counter[tuple[str, str]] | None = None,
    *,
    late: int = 0,
) -> Verdict:
    """Every acknowledged letter exactly once, whole; every row that says sent at the sink; nothing else there.

    `in_doubt`: dots whose answer the relay withheld or nobody heard; only these may explain a copy (I4).
    `late`: so many of `sent`, the last ones, came after the rows were asked for, so these need not name them.
    """
    verdict = Verdict()
    messages = _messages(seen)
    set_aside = {row["sha256"] for row in seen.quarantine.values()}
    for letter in letters:
        _check_letter(letter, messages, set_aside, verdict)
    _check_tickets(letters, seen, verdict)
    _check_outgoing(seen, sent, in_doubt, late, verdict)
    _check_audit(seen, verdict)
    verdict.set_aside = len(seen.quarantine)
    return verdict


def _messages(seen: Seen) -> dict[str, list[tuple[dict[str, Any], dict[str, Any]]]]:
    found: dict[str, list[tuple[dict[str, Any], dict[str, Any]]]] = {}
    for ticket in seen.tickets.values():
        for message in ticket["messages"]:
            found.setdefault(message["message_id"], []).append((ticket, message))
    return found


def _check_letter(
    letter: Letter,
    messages: dict[str, list[tuple[dict[str, Any], dict[str, Any]]]],
    set_aside: set[str],
    verdict: Verdict,
) -> None:
    places = messages.get(_id(letter.token), [])
    is_aside = letter.sha256 in set_aside
    if letter.acknowledged and not places and not is_aside:
        verdict.lost.append(f"{letter.token}: acknowledged, and nowhere")
    # Of what was sent again one may lie in quarantine beside the one on the ticket: once released, it is known (IN-4).
    if len(places) > 1 or (places and is_aside and len(letter.answers) == 1):
        verdict.doubled.append(f"{letter.token}: in {[ticket['number'] for ticket, _ in places]}")
    for ticket, message in places:
        verdict.half += [f"{letter.token}: {words}" for words in _missing(letter, ticket, message)]
        if letter.first and not any(each["message_id"] == _id(letter.first) for each in ticket["messages"]):
            verdict.half += [] if messages.get(_id(letter.first)) is None else [f"{letter.token}: on another ticket"]


def _id(token: str) -> str:
    return f"<{token}@customer.test>"


def _missing(letter: Letter, ticket: dict[str, Any], message: dict[str, Any]) -> Findings:
    wrong = [] if letter.token in message["text"] else ["the text is another"]
    files = [file["sha256"] for file in message["attachments"]]
    if files != ([letter.file_sha256] if letter.file_sha256 else []):
        wrong.append("its file is missing or altered")
    if message["raw_sha256"] != letter.sha256:
        wrong.append("its source is another")
    filed = [each for each in ticket["events"] if each["kind"] == "message" and each["new"]["message"] == message["id"]]
    if len(filed) != 1:
        wrong.append(f"{len(filed)} events for its message")
    return wrong


def _check_tickets(letters: list[Letter], seen: Seen, verdict: Verdict) -> None:
    """One opening each, its mails in the outbox once each, and as many as there were reasons for them."""
    rows = Counter((row["ticket"], row["event"]) for row in seen.outbox.values())
    for number, ticket in seen.tickets.items():
        kinds = Counter(event["kind"] for event in ticket["events"])
        wanted = {"acknowledgement": 1, "new_ticket": 1, "customer_reply": len(ticket["messages"]) - 1}
        if kinds["opened"] != 1 or not ticket["messages"]:
            verdict.half.append(f"{number}: {kinds['opened']} openings, {len(ticket['messages'])} messages")
        for event, count in wanted.items():
            if rows[number, event] != count:
                verdict.half.append(f"{number}: {rows[number, event]} rows of {event}, not {count}")
    # An answer whose first mail is in quarantine opens a ticket of its own.
    if len(seen.tickets) > sum(letter.first is None for letter in letters):
        verdict.doubled.append(f"{len(seen.tickets)} tickets")


def _check_audit(seen: Seen, verdict: Verdict) -> None:
    """Each event says who did it and why (I6); times never go backwards by more than a moved clock."""
    for number, ticket in seen.tickets.items():
        nameless = [event["kind"] for event in ticket["events"] if not event["actor"] or not event["cause"]]
        verdict.audit += [f"{number}: {kind} without actor or cause" for kind in nameless]


def _check_outgoing(
    seen: Seen, sent: list[Sent], in_doubt: Counter[tuple[str, str]] | None, late: int, verdict: Verdict
) -> None:
    keys = Counter((row["message_id"], row["to"]) for row in seen.outbox.values())
    verdict.doubled += [f"outbox: {key}" for key, count in keys.items() if count > 1]
    arrived = [(mail["Message-ID"], mail.rcpt_to) for mail in sent]
    copies, early = Counter(arrived), dict.fromkeys(arrived[: len(arrived) - late])
    verdict.ghosts += [f"at the sink without a row: {key}" for key in early if key not in keys]
    verdict.unsent += [
        f"outbox {row['id']} says sent, the sink has nothing"
        for row in seen.outbox.values()
        if row["state"] == "sent" and not copies[row["message_id"], row["to"]]
    ]
    verdict.copies = sum(count - 1 for count in copies.values())
    bytes_ = {((mail["Message-ID"], mail.rcpt_to), mail.content) for mail in sent}
    differing = Counter(key for key, _ in bytes_)
    verdict.doubled += [f"copies of {key} differ in their bytes" for key, count in differing.items() if count > 1]
    if in_doubt is not None:
        verdict.unexplained += [
            f"{count} copies of {key}, {in_doubt[key]} in doubt"
            for key, count in copies.items()
            if count - 1 > in_doubt[key]
        ]
