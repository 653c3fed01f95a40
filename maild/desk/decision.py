"""What is to be done about one mail: values only, made by `decide`, written by `receive`, printed by `explain`."""

from dataclasses import dataclass, field

from maild.commands import Asked, Visibility
from maild.commands.effects import Effect
from maild.commands.script import Reasoned, WrongLine
from maild.gate import Verdict
from maild.mail.model import Bounced, InboundMail, Mailbox
from maild.mail.tokens import TokenKind
from maild.notices import Audience, Marking, Notice
from maild.records import replace
from maild.store.messages import NewMessage
from maild.tickets.people import Agent
from maild.tickets.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Letter:
    """One line of a CSV file: a ticket for this customer, with these words."""

    requester: Mailbox
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Decision:
    """`state` is what the spool's row becomes. `ticket` is the one it belongs to, None with `changes` opens one.

    `mails` are answers that belong to no change of a ticket (a refusal, a question). `because` explains, in order.
    """

    state: str
    reason: str
    verdict: Verdict | None = None
    ticket: Ticket | None = None
    changes: tuple[Reasoned, ...] = ()
    message: NewMessage | None = None
    note: NewMessage | None = None  # a second message of the same mail: what an agent wrote above a forward
    already_sent: bool = False  # the agent's own mail client brought his words to the customer
    visibility: Visibility = Visibility.PUBLIC
    actor: str = "system:receive"
    agent: Agent | None = None
    author: str | None = None
    may_answer: bool = False
    no_answer_because: str | None = None
    quiet: bool = False
    mails: tuple[Notice, ...] = ()
    follow_up_of: int | None = None
    releases: int | None = None
    idle: bool = False  # a customer only asked, or left: no work for anybody
    effects: tuple[Effect, ...] = ()
    asks: tuple[Asked, ...] = ()
    taken_by: str | None = None  # whose turn in the rotation this opening is
    letters: tuple[Letter, ...] = ()  # `#bulk`: to whom what is written
    lives: bool = False  # an address that mail had come back from wrote itself
    unreachable: tuple[Bounced, ...] = ()
    bounced_row: int | None = None
    wrong: tuple[WrongLine, ...] = ()
    command_lines: tuple[str, ...] = ()
    because: tuple[str, ...] = field(default=())

    @property
    def opens(self) -> bool:
        """True when a new ticket comes to be."""
        return self.ticket is None and bool(self.changes)

    def explained(self, *lines: str) -> "Decision":
        """The same decision with more words."""
        return replace(self, because=(*self.because, *lines))


def shown_mail(mail: InboundMail) -> dict[str, object]:
    """A mail that belongs to no ticket yet, as templates show a message."""
    author = mail.author or mail.claimed or Mailbox("unknown")
    return {
        "author_name": author.name or author.address,
        "author_address": author.address,
        "text": mail.new_text[:5000],
        "at": "",
        "attachments": [],
    }


def mail_to_agent(event: str, agent: Agent, answers: TokenKind, extra: dict[str, object]) -> Notice:
    """A mail to one agent that belongs to no change: a refusal, a question."""
    box = Mailbox(agent.email, agent.title)
    return Notice(
        event, Audience.AGENT, (box,), marking=Marking.NOTICE, answers=answers, language=agent.language, extra=extra
    )
