"""What a notice is, and the moment that notices look at."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from maild.mail.model import Mailbox
from maild.mail.tokens import TokenKind
from maild.tickets.events import Change, Event, MessageFiled
from maild.tickets.people import Agent, Directory
from maild.tickets.ticket import Ticket
from maild.tickets.workflow import Workflow


class Audience(StrEnum):
    """For whom a mail is written; templates and privacy follow it."""

    CUSTOMER = "customer"
    AGENT = "agent"
    SUPPLIER = "supplier"
    ADMIN = "admin"

    @property
    def is_outside(self) -> bool:
        """Nothing internal may reach them."""
        return self in (Audience.CUSTOMER, Audience.SUPPLIER)


class Marking(StrEnum):
    """Auto-Submitted of a mail (RFC 3834 5, SPEC OUT-7)."""

    WORDS = ""  # an agent's own words carry no mark
    NOTICE = "auto-generated"
    REPLY = "auto-replied"


@dataclass(frozen=True, slots=True)
class Notice:
    """One mail to be written. All of `to` and `cc` read each other: only the customers' side ever shares a mail."""

    event: str
    audience: Audience
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...] = ()
    marking: Marking = Marking.NOTICE
    answers: TokenKind = TokenKind.NOTICE
    shows_message: bool = False
    language: str | None = None
    extra: dict[str, object] = field(default_factory=dict)

    def recipients(self) -> tuple[Mailbox, ...]:
        """Everyone it goes to."""
        return (*self.to, *self.cc)


def everybody(_agent: Agent) -> bool:
    """Every agent sees the ticket."""
    return True


@dataclass(frozen=True, slots=True)
class Moment:
    """One act on one ticket: before, the events, after; who did it; and whether the customer may get automatic mail.

    `sees`: whether an agent may see the ticket; for whom it does not exist is told nothing (ID-4).
    `tells_sla`: whether anybody hears of the clocks; `to_tell`: agents and teams whom a step of escalation names.
    `away`: the agents who said so, by name.
    """

    before: Ticket | None
    after: Ticket
    events: tuple[Event, ...]
    directory: Directory
    workflow: Workflow
    actor: Agent | None = None
    author: str | None = None
    may_answer: bool = False
    quiet: bool = False
    already_sent: bool = False
    idle: bool = False
    sees: Callable[[Agent], bool] = everybody
    tells_sla: bool = True
    to_tell: tuple[str, ...] = ()
    away: frozenset[str] = frozenset()

    def changes(self, kind: type[Change]) -> tuple[Change, ...]:
        """The changes of one kind, in order."""
        return tuple(event.change for event in self.events if isinstance(event.change, kind))

    def filed(self, *, by: str, visibility: str) -> bool:
        """True when a message by such a person and of such visibility was filed."""
        return any(
            change.by == by and change.visibility == visibility
            for change in self.changes(MessageFiled)
            if isinstance(change, MessageFiled)
        )


NoticeRule = Callable[[Moment], Iterable[Notice]]


def to_agent(event: str, agent: Agent, *, answers: TokenKind = TokenKind.NOTICE, message: bool = False) -> Notice:
    """A notification: a mail of the agent's own, never shared with anybody."""
    box = Mailbox(agent.email, agent.title)
    return Notice(event, Audience.AGENT, (box,), answers=answers, shows_message=message, language=agent.language)


def readers_of_mail(moment: Moment) -> tuple[Agent, ...]:
    """Whom a mail that came concerns: the owners, but not the one who wrote it, as an agent or as a customer."""
    author = moment.author
    return tuple(
        agent for agent in owners(moment) if agent != moment.actor and not (author is not None and agent.owns(author))
    )


def owners(moment: Moment) -> tuple[Agent, ...]:
    """Whom a customer's mail concerns: the assignee; else the ticket's teams; else every agent."""
    ticket, directory = moment.after, moment.directory
    assignee = directory.agent_named(ticket.assignee) if ticket.assignee else None
    if assignee:
        return (assignee,)
    members = tuple(dict.fromkeys(agent for team in ticket.teams for agent in directory.team(team)))
    return tuple(agent for agent in members if moment.sees(agent)) or directory.agents


def partakers(moment: Moment) -> tuple[Agent, ...]:
    """The assignee and every agent who took part, but the one who acts."""
    ticket, directory = moment.after, moment.directory
    names = dict.fromkeys((*([ticket.assignee] if ticket.assignee else []), *ticket.followers))
    agents = [directory.agent_named(name) for name in names]
    return tuple(agent for agent in agents if agent and agent != moment.actor)
