"""Errors say one thing above all: may trying again help?"""


class MaildError(Exception):
    """Base of every error that maild raises on purpose; its text is written for an admin."""


class TransientError(MaildError):
    """Trying again later may help (database away, disk full, 4yz)."""


class PermanentError(MaildError):
    """Trying again will not help (5yz, refused address, wrong usage)."""


class RelayError(TransientError):
    """The relay itself is not usable now (no connection, TLS, AUTH, 421): it rests, the mail's attempt is not spent."""


class AmbiguousError(TransientError):
    """The connection ended between our final dot and the answer: the mail may or may not have been taken (RFC 1047)."""


class ConfigError(MaildError):
    """The configuration is wrong; `problems` are lines `FILE:LINE: KEY: what`, all of them."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class StorageBroken(MaildError):
    """Storage lied or is corrupt (EIO, malformed database): stop, never retry and believe (RELIABILITY: fsyncgate)."""
