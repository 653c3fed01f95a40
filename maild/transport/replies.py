"""What a relay's answer means for the mail (RFC 5321 4.2, 4.2.1)."""

import re
from dataclasses import dataclass

from maild.errors import MaildError, PermanentError, RelayError, TransientError

_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+")
LONGEST = 500
# 421: the relay closes. The others say that we must log in or encrypt first (RFC 4954 6, RFC 3207 4).
OF_THE_RELAY = frozenset((421, 530, 534, 535, 538))


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: the code, and its text as one clean line."""

    code: int
    text: str

    def __str__(self) -> str:
        return f"{self.code} {self.text}".strip()

    @property
    def accepted(self) -> bool:
        """2yz: done."""
        return 200 <= self.code <= 299

    @property
    def goes_on(self) -> bool:
        """354: send the mail."""
        return self.code == 354


def read(code: int, raw: bytes) -> Reply:
    """The answer as smtplib hands it over."""
    return Reply(code, _UNPRINTABLE.sub(" ", raw.decode("utf-8", "replace")).strip()[:LONGEST])


def refusal(reply: Reply, phase: str) -> MaildError:
    """The error that says whether trying again helps. An answer out of place is the relay's fault, not the mail's."""
    text = f"relay answered to {phase}: {reply}"
    if reply.code in OF_THE_RELAY:
        return RelayError(text)
    match reply.code // 100:
        case 5:
            return PermanentError(text)
        case 4:
            return TransientError(text)
        case _:
            return RelayError(text)
