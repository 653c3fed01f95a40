"""Tickets and queries by chance, always the same for one seed: few words, so that they meet."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from maild.mail.model import Mailbox
from maild.tickets.query import Setting, parse_query, resolve
from maild.tickets.ticket import Link, Participant, Standing, Ticket
from maild.tickets.workflow import DEFAULT_PRIORITIES, DEFAULT_WORKFLOW

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
OWN = ("Größe", "room")
SETTING = Setting(NOW, BERLIN, DEFAULT_WORKFLOW, DEFAULT_PRIORITIES, "alice", "TICK", OWN)
TICKET = Ticket(
    number=1001,
    subject="Printer on fire",
    status="new",
    phase=DEFAULT_WORKFLOW.statuses[0].phase,
    priority="normal",
    category=None,
    requester=Mailbox("jane@customer.test", "Jane"),
    inbox="support@acme.test",
    created_at=NOW,
    updated_at=NOW,
)

WORDS = ("vpn", "VPN", "Vpn", "münchen", "MÜNCHEN", "München", "a'b", 'say "hi"', "100%", "o_o", "back\\slash")
WORDS = (
    *WORDS,
    "日本",
    "straße",
    "STRASSE",
    "İstanbul",
    "none",
    "any",
    "me",
    "x,y",
    "a b",
    "ÄÖ",
    "Äö",
    "äö",
    "[]",
    "null",
)
PEOPLE = ("jane@customer.test", "carl@customer.test", "ida@other.test", "o'neil@other.test", "50%@other.test", "x@test")
AGENTS = ("alice", "Alice", "bob", "jörg", "Jörg")
LANGUAGES = ("de", "en", "DE", "pt-BR")
MOMENTS = (
    "today",
    "yesterday",
    "tomorrow",
    "2026-11-21",
    "2026-11-20",
    "2026-11",
    "2026-10",
    "3d",
    "12h",
    "+2d",
    "90m",
)
MOMENTS = (*MOMENTS, "1w", "2026-11-21T10:30", "2026-11-20T00:00")
LENGTHS = (timedelta(0), timedelta(hours=1), timedelta(days=1), timedelta(days=3), timedelta(days=30))
EDGES = (NOW, datetime(2026, 11, 20, 23, 0, tzinfo=UTC), datetime(2026, 10, 31, 23, 0, tzinfo=UTC))


def some_tickets(random: Random, count: int) -> list[Ticket]:
    return [_ticket(random, 1001 + place) for place in range(count)]


def _ticket(random: Random, number: int) -> Ticket:
    status = random.choice(DEFAULT_WORKFLOW.statuses)

    def perhaps(make: Callable[[Random], object]) -> object:
        return make(random) if random.random() < 0.6 else None

    values: dict[str, object] = {
        **{name: perhaps(_moment) for name in ("resolved_at", "closed_at", "answered_at", "heard_at")},
        **{name: perhaps(_moment) for name in ("due_at", "followup_at", "action_at")},
        **{name: perhaps(lambda chance: chance.choice(WORDS)) for name in ("category", "organisation")},
        **{name: random.randint(0, 6) for name in ("messages", "minutes", "level")},
        **{name: perhaps(lambda chance: chance.randint(1, 5)) for name in ("rating", "quality")},
        **{name: random.random() < 0.3 for name in ("vip", "spam")},
    }
    return replace(
        TICKET,
        number=number,
        subject=" ".join(random.sample(WORDS, 3)),
        status=status.name,
        phase=status.phase,
        priority=random.choice((*DEFAULT_PRIORITIES, "gone")),
        requester=Mailbox(random.choice(PEOPLE), ""),
        inbox=random.choice(("support@acme.test", "help@acme.test")),
        created_at=_moment(random),
        updated_at=_moment(random),
        language=perhaps(lambda chance: chance.choice(LANGUAGES)),
        assignee=perhaps(lambda chance: chance.choice(AGENTS)),
        teams=_some(random, WORDS),
        tags=_some(random, WORDS),
        participants=tuple(
            Participant(address, "", random.choice(tuple(Standing))) for address in _some(random, PEOPLE)
        ),
        links=tuple(Link("related to", random.randint(1001, 1010)) for _ in range(random.randint(0, 2))),
        fields=tuple((name, random.choice(WORDS)) for name in _some(random, OWN)),
        references=tuple((random.choice(("jira", "po")), word) for word in _some(random, WORDS)),
        merged_into=1001 if random.random() < 0.15 else None,
        deleted=random.random() < 0.15,
        **values,
    )


def _moment(random: Random) -> datetime:
    edge = random.choice(EDGES)
    return edge + random.choice((-1, 0, 1)) * random.choice((*LENGTHS, timedelta(microseconds=1)))


def _some(random: Random, words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(random.sample(words, random.choice((0, 1, 1, 2))))


def quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def some_query(random: Random) -> str:
    return " ".join(_part(random) for _ in range(random.choice((1, 1, 2, 2, 3))))


def _part(random: Random) -> str:
    """A term, a group, a choice; turned round at times."""
    shape = random.random()
    minus = "-" if random.random() < 0.25 else ""
    if shape < 0.7:
        return minus + _term(random)
    joint = random.choice((" ", " or "))
    inner = joint.join(("-" if random.random() < 0.3 else "") + _term(random) for _ in range(random.randint(2, 3)))
    return f"{minus}({inner})"


def _term(random: Random) -> str:
    name, make = random.choice(MAKERS)
    if not name:
        return make(random)
    first = make(random)
    ordered = name in COMPARED and first not in ("none", "any")
    compare = random.choice(("", "", ">", ">=", "<", "<=")) if ordered else ""
    if name in RANGED and ordered and not compare and random.random() < 0.3:
        first = random.choice((f"{first}..{make(random)}", f"{first}..", f"..{make(random)}"))
    values = [first, *(make(random) for _ in range(random.choice((0, 0, 1, 2))))]
    return f"{name}:{compare}{','.join(values)}"


def _word(random: Random) -> str:
    word = random.choice((random.choice(WORDS), random.choice(WORDS).lower(), random.choice(WORDS).upper()))
    return random.choice(("none", "any", quoted(word), quoted(word), quoted(word), quoted(word)))


def _text(random: Random) -> str:
    word = random.choice(WORDS)
    cut = random.randint(1, len(word))
    return quoted(word[:cut].strip() or "a")


def _searched(random: Random) -> str:
    """What full text is asked for: it has a letter."""
    return quoted(random.choice(("v", "Fire", "nch", "100", "say", "ÄÖ", "本", "SS", "x", "missing")))


def _people(random: Random) -> str:
    person = random.choice(PEOPLE)
    return random.choice((person, person.upper(), "@" + person.partition("@")[2], "nobody@x.test"))


def _choice(*words: str) -> Callable[[Random], str]:
    return lambda random: random.choice(words)


_STATUSES = tuple(name for each in DEFAULT_WORKFLOW.statuses for name in (each.name, *each.aliases) if " " not in name)
_FORMS = ("open", "closed", "new", "unassigned", "mine", "urgent", "needs-response", "overdue", "merged", "deleted")
_MOMENTS = ("created", "updated", "resolved", "closed", "answered", "heard", "due", "followup", "action")
_COUNTS = ("messages", "minutes", "rating", "quality", "level")
_NUMBERS = _choice("1001", "TICK-1002", "#1003", "tick-1005", "1090", "999999999999999999")
MAKERS: tuple[tuple[str, Callable[[Random], str]], ...] = (
    *(("number", _NUMBERS), ("status", _choice(*_STATUSES)), ("phase", _choice("new", "WAITING", "closed"))),
    *((("is", _choice(*_FORMS, "spam")),) * 4),
    *(("priority", _choice(*DEFAULT_PRIORITIES, "HIGH")), ("category", _word), ("organisation", _word)),
    ("assignee", _choice("me", "none", "any", *AGENTS, "ALICE", "JÖRG")),
    *(("team", _word), ("tag", _word), ("subject", _text), ("ref", _word)),
    *(("customer", _people), ("supplier", _people), ("supplier", _choice("none", "any"))),
    *(("inbox", _choice("support@acme.test", "HELP@acme.test", "@acme.test")), ("vip", _choice("yes", "no"))),
    *(("language", _choice("de", "EN", "pt-br", "none")), ("link", _choice("TICK-1004", "1007", "none", "any"))),
    *((f"field.{name}", _word) for name in ("größe", "Room")),
    *((name, _choice(*MOMENTS)) for name in _MOMENTS),
    *((name, _choice("0", "1", "3", "5", "999999999")) for name in _COUNTS),
    *((name, _choice("none", "any")) for name in ("rating", "quality", "due", "heard", "followup")),
    *((("", _searched),) * 3),
)
COMPARED = frozenset({"number", "priority", *_MOMENTS, *_COUNTS})
RANGED = COMPARED - {"priority"}


def test_a_seed_gives_the_same_tickets_and_queries_each_time() -> None:
    assert some_tickets(Random(3), 5) == some_tickets(Random(3), 5)
    assert some_query(Random(3)) == some_query(Random(3))


def test_every_query_by_chance_is_understood() -> None:
    random = Random(4)
    for _ in range(500):
        resolve(parse_query(some_query(random)), SETTING)
