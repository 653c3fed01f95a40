"""An agent's commands beyond their ticket: effects, letters, answers; and the transcript that tells of them."""

from maild.commands import Asked
from maild.commands.effects import Effect
from maild.desk.answers import DeskReader, answered, as_context
from maild.desk.decision import Letter, mail_to_agent
from maild.desk.doing import Doing, Told
from maild.desk.effects import carry_out_effects, open_letters
from maild.desk.links import ActionLinks
from maild.desk.room import Room
from maild.desk.rulebook import Rulebook
from maild.mail.tokens import TokenKind
from maild.notices import Notice
from maild.store import Tx


def beyond(
    tx: Tx, room: Room, effects: tuple[Effect, ...], letters: tuple[Letter, ...], asks: tuple[Asked, ...], doing: Doing
) -> list[Told]:
    """Does everything, then asks: an answer shows what was just done."""
    told = carry_out_effects(tx, room, effects, doing)
    told += open_letters(tx, room, letters, doing)
    if not asks:
        return told
    with tx.planning_freely():
        return told + answered(asks, DeskReader(tx, room.book, doing.agent, doing.now))


def transcript(told: list[Told], doing: Doing, book: Rulebook) -> Notice:
    """One mail with a section for each line, each row with its one-click links."""
    links = ActionLinks(book, doing.agent.email, doing.ticket.inbox if doing.ticket else book.address, doing.now)
    return mail_to_agent("transcript", doing.agent, TokenKind.NOTICE, {"sections": as_context(told, links)})
