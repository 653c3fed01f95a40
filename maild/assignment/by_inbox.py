"""A ticket belongs to the team of the address that the customer wrote to (IN-6)."""

from maild.tickets.people import Directory, Inbox


def teams(inbox: Inbox, _directory: Directory) -> tuple[str, ...]:
    """The inbox's team, when it names one."""
    return (inbox.team,) if inbox.team else ()
