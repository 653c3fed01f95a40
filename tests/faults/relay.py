"""A relay that lies: it refuses, babbles, dawdles and hangs up in every phase, and keeps a record of what it withheld."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import BinaryIO

from tests.desk_driver import Sent
from tests.servers.sink import ANSWERS, CLOSE, Sink, _until_dot

Liar = Callable[[str], str]
WITHHELD = "WITHHELD"  # the mail is kept and the line closed where its answer belongs (RFC 1047)
SLOW_SECONDS = 0.05


def honest(phase: str) -> str:
    """The usual answer."""
    return ANSWERS.get(phase, "500 5.5.2 what?")


class Liars:
    """Lies in one answer of `one_in`, differently each time; until `honest_from_now`."""

    KINDS = (CLOSE, "421 4.3.2 going down", "451 4.3.0 not now", "gibberish without a code", "SLOW")
    AT_THE_DOT = (CLOSE, WITHHELD, WITHHELD, "451 4.3.0 not now", "SLOW")

    def __init__(self, random: Random, one_in: int = 8) -> None:
        self._random = random
        self._one_in = one_in
        self._turn = threading.Lock()
        self.honest_from_now = False
        self.told: Counter[str] = Counter()

    def __call__(self, phase: str) -> str:
        with self._turn:
            if self.honest_from_now or self._random.randrange(self._one_in):
                return honest(phase)
            lie = self._random.choice(self.AT_THE_DOT if phase == "dot" else self.KINDS)
            self.told[f"{phase} {lie[:8]}"] += 1
        if lie != "SLOW":
            return lie
        time.sleep(SLOW_SECONDS)
        return honest(phase)


class Relay(Sink):
    """`answer` says what is said in each phase.

    `in_doubt`: per mail and reader, how often the dot came and its answer was withheld, or nobody came back to hear it.
    """

    def __init__(self, answer: Liar = honest, port: int = 0) -> None:
        super().__init__(port)
        self.answer = answer
        self.in_doubt: Counter[tuple[str, str]] = Counter()
        self.sessions = 0

    def _serve(self, peer: socket.socket, stream: BinaryIO) -> None:
        self.sessions += 1
        sender, recipients, last = "", list[str](), list[Sent]()
        said = self._answer(peer, "banner")
        while said and (line := _next_line(stream)):
            last = []
            word, address = _words(line)
            said = self._answer(peer, word, self.refusals.get(address) if word == "RCPT" else None)
            match word, said[:1]:
                case "QUIT", _:
                    return
                case "MAIL", "2":
                    sender, recipients = address, []
                case "RCPT", "2":
                    recipients.append(address)
                case "DATA", "3":
                    content = _until_dot(stream)
                    last = [Sent(sender, each, content) for each in recipients] if content is not None else []
                    said = self._at_the_dot(peer, last) if content is not None else ""
        self._doubt(last)

    def _at_the_dot(self, peer: socket.socket, mails: list[Sent]) -> str:
        said = self._next("dot")
        if said.startswith("2") or said == WITHHELD:
            with self._came:
                self.mails += mails
                self._came.notify_all()
        if said in (CLOSE, WITHHELD):
            return ""
        try:
            return self._say(peer, said)
        except OSError:
            return ""

    def _doubt(self, mails: list[Sent]) -> None:
        with self._came:
            self.in_doubt.update((mail["Message-ID"], mail.rcpt_to) for mail in mails)

    def _next(self, phase: str) -> str:
        with self._came:
            waiting = self.script.get(phase)
            if waiting:
                return waiting.pop(0)
        return self.answer(phase)


def _next_line(stream: BinaryIO) -> bytes:
    """Nothing at the end, also at that of a client who was killed with our answer unread: his system resets the line."""
    try:
        return stream.readline()
    except ConnectionResetError:
        return b""


def _words(line: bytes) -> tuple[str, str]:
    text = line.decode("utf-8", "replace").strip()
    return text.split(" ")[0].split(":")[0].upper(), text.partition("<")[2].partition(">")[0]
