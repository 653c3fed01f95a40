"""A row of the outbox becomes a mail: words from the template, the message from the store, headers for threads."""

from datetime import datetime
from typing import Any, Protocol

from maild.desk.card import local_time, size_text
from maild.desk.rulebook import Rulebook
from maild.mail.model import Attachment, Mailbox
from maild.notices import Audience
from maild.outbox.context import EMPTY
from maild.outbox.outgoing import Outgoing, Rendered
from maild.store.outbox import NewMail

CARRIES_FILES = ("answer", "outreach", "supplier_message")


class ShownFile(Protocol):
    """A file as templates show it: an attachment, or its row."""

    @property
    def name(self) -> str:
        """Safe to show."""
        ...

    @property
    def size(self) -> int:
        """Bytes."""
        ...


class Words(Protocol):
    """The templates (`maild.outbox.render.Templates`)."""

    def render(self, event: str, audience: str, language: str, context: dict[str, Any]) -> Rendered:
        """The words of one mail."""
        ...


def write_letter(
    mail: NewMail, message: Any | None, files: tuple[ShownFile, ...], book: Rulebook, words: Words, date: datetime
) -> Outgoing:
    """The whole outgoing mail. Customers are shown what an agent answered; agents what somebody wrote."""
    outside = Audience(mail.audience).is_outside
    context: dict[str, Any] = {
        **EMPTY,
        **mail.context,
        "desk": {"name": book.name, "address": mail.sender.address},
        "recipient": {"name": mail.to[0].name, "address": mail.to[0].address},
        "message": _message(message, files, book, outside=outside)
        if message is not None
        else mail.context.get("message"),
        "marker": book.marker,
    }
    if mail.event == "answer_copy" and message is not None:
        context["customer_sees"] = message.new_text
    rendered = words.render(mail.event, mail.audience, mail.language, context)
    return Outgoing(
        sender=mail.sender,
        to=mail.to,
        cc=mail.cc,
        reply_to=Mailbox(mail.reply_to, book.name) if mail.reply_to else None,
        subject=_subject(rendered.subject, mail),
        date=date,
        message_id=mail.message_id,
        in_reply_to=mail.in_reply_to,
        references=mail.references,
        auto_submitted=mail.marking or None,
        text=rendered.text,
        html=rendered.html,
        headers=_headers(mail, book),
        attachments=tuple(file for file in files if isinstance(file, Attachment)),
    )


def _subject(rendered: str, mail: NewMail) -> str:
    """One stable subject per ticket, with its token: some clients thread by nothing else (OUT-3)."""
    ticket = mail.context.get("ticket")
    if not ticket:
        return rendered
    token = f"[{ticket['number']}]"
    if token in rendered:
        return rendered
    # Behind Re:, because Gmail compares what follows it: a token in front would end the thread.
    again = "Re: " if rendered.startswith("Re: ") else ""
    return f"{again}{token} {rendered.removeprefix(again)}"


def _headers(mail: NewMail, book: Rulebook) -> tuple[tuple[str, str], ...]:
    headers = [("X-Maild-Event", mail.event)]
    ticket = mail.context.get("ticket")
    if ticket:
        headers.append(("X-Maild-Ticket", ticket["number"]))
        if not Audience(mail.audience).is_outside:
            headers += [("X-Maild-Status", ticket["status"]), ("X-Maild-Priority", ticket["priority"])]
    if not Audience(mail.audience).is_outside:
        headers.append(("X-Maild-Desk", book.address))
    return tuple(headers)


def _author(message: Any, book: Rulebook, *, outside: bool) -> str:
    """Customers read the agent's name as the config has it, never as his mail client writes it."""
    agent = book.directory.agent_at(message.from_address)
    if agent is not None:
        return agent.title
    return book.name if outside else (message.from_name or message.from_address or "unknown")


def _message(message: Any, files: tuple[ShownFile, ...], book: Rulebook, *, outside: bool) -> dict[str, Any]:
    return {
        "author_name": _author(message, book, outside=outside),
        "author_address": "" if outside else (message.from_address or ""),
        "text": message.new_text,
        "at": local_time(message.at, book.timezone),
        "attachments": [{"name": file.name, "size_text": size_text(file.size)} for file in files],
    }
