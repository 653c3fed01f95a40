"""`#spam`, `#block`, `#delete`: what should never have come (SPEC ID-6)."""

import re

from maild.commands.add import mailbox
from maild.commands.command import Command, Vocabulary, Wanted, WrongCommand, nothing_after
from maild.commands.effects import Block, Destroy
from maild.mail.addresses import lower
from maild.tickets.decide import step
from maild.tickets.events import Change, Deleted, SpamMarked
from maild.tickets.people import Agent
from maild.tickets.roles import Verb
from maild.tickets.ticket import Ticket
from maild.tickets.workflow import Phase

DOMAIN = re.compile(r"@?([\w-]{1,63}(?:\.[\w-]{1,63}){1,8})\Z")


def _closed(ticket: Ticket, words: Vocabulary) -> list[Change]:
    closed = words.workflow.in_phase(Phase.CLOSED) or words.workflow.in_phase(Phase.RESOLVED)
    return [*step(ticket, closed)] if closed else []


def _spam(argument: str, _agent: Agent, words: Vocabulary) -> Wanted:
    nothing_after(argument, "#spam")
    return Wanted(lambda ticket: [] if ticket.spam else [SpamMarked(old=False, new=True), *_closed(ticket, words)])


def _block(argument: str, _agent: Agent, words: Vocabulary) -> Wanted:
    box = mailbox(argument)
    domain = DOMAIN.match(lower(argument))
    if box is None and domain is None:
        wrong = f"'{argument}' is no address or domain" if argument else "whom? An address or a domain is missing"
        raise WrongCommand(wrong, "write #block spammer@evil.test or #block evil.test")
    address = box.address if box else (domain[1] if domain else "")
    own = words.directory.is_ours(address) or words.directory.agent_at(address) is not None
    if own or address in words.directory.own_domains():
        raise WrongCommand(f"{address} belongs to the desk", "block people outside of it")
    return Wanted(effects=(Block(address),))


def _delete(argument: str, _agent: Agent, words: Vocabulary) -> Wanted:
    if argument.upper().strip("[]# ") != f"{words.prefix.upper()}-{words.known.own}" and argument != str(
        words.known.own
    ):
        named = f"#delete {words.prefix}-{words.known.own}"
        raise WrongCommand("this destroys the ticket's words and files for ever", f"if you mean it, write {named}")
    return Wanted(
        lambda ticket: [] if ticket.deleted else [Deleted(), *_closed(ticket, words)],
        effects=(Destroy(),),
        once="moving",
    )


SPAM = Command(
    name="spam",
    usage="#spam",
    summary="It is spam: closed, and its sender gets no mail of it.",
    example="#spam",
    verb=Verb.CHANGE,
    read=_spam,
)
BLOCK = Command(
    name="block",
    usage="#block ADDRESS|DOMAIN",
    summary="Mails from there are kept out from now on.",
    example="#block spammer@evil.test",
    verb=Verb.BLOCK,
    read=_block,
    strong=True,
)
DELETE = Command(
    name="delete",
    usage="#delete NUMBER",
    summary="Destroys this ticket's words and files for ever; its number and history stay.",
    example="#delete TICK-1001",
    verb=Verb.DELETE,
    read=_delete,
    strong=True,
)
