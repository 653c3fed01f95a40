"""Senders that behave like mail servers: the same bytes again and again until somebody takes them."""

import base64
import hashlib
import re
import smtplib
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

PAUSE = 0.02
FILE_SIZES = (50, 5_000, 120_000)  # bytes; the last makes a mail that is kept beside the database


@dataclass(slots=True)
class Letter:
    """One mail with a token in Message-ID, text and file; `first` is the token of the mail that it answers.

    `answers`: the deciding code of each attempt; None when the connection ended without one.
    """

    token: str
    sender: str
    source: bytes
    file_sha256: str | None
    first: str | None = None
    answers: list[int | None] = field(default_factory=list)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.source).hexdigest()

    @property
    def acknowledged(self) -> bool:
        return 250 in self.answers


def conversations(
    count: int, random: Random, start: int = 0, files: Sequence[int] = FILE_SIZES
) -> list[tuple[Letter, Letter]]:
    """Pairs of a first mail, with a file of one of these sizes, and a second one that answers it."""
    numbers = range(start, start + count)
    return [(_first(f"t{number:05}a", random, files), _second(f"t{number:05}", random)) for number in numbers]


def _first(token: str, random: Random, files: Sequence[int]) -> Letter:
    file = random.randbytes(random.choice(files))
    encoded = base64.encodebytes(file).decode()
    body = (
        'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="cut"\n\n--cut\n'
        f"Content-Type: text/plain; charset=utf-8\n\nHello {token}, the printer burns.\n\n--cut\n"
        f'Content-Type: application/octet-stream; name="{token}.bin"\nContent-Transfer-Encoding: base64\n'
        f'Content-Disposition: attachment; filename="{token}.bin"\n\n{encoded}--cut--\n'
    )
    source = _headers(token, f"Printer {token}") + body
    return Letter(token, _sender(token), _wire(source), hashlib.sha256(file).hexdigest())


def _second(number: str, random: Random) -> Letter:
    token, first = f"{number}b", f"{number}a"
    lines = "".join(f"Line {random.randrange(10**9)} of {token}.\n" for _ in range(random.randrange(1, 40)))
    thread = f"In-Reply-To: <{first}@customer.test>\nReferences: <{first}@customer.test>\n"
    source = _headers(token, f"Re: Printer {first}") + thread + f"\nAgain {token}.\n{lines}"
    return Letter(token, _sender(token), _wire(source), None, first)


def _headers(token: str, subject: str) -> str:
    return (
        f"From: <{_sender(token)}>\nTo: <support@acme.test>\nSubject: {subject}\n"
        f"Message-ID: <{token}@customer.test>\nDate: Mon, 02 Mar 2026 09:00:00 +0000\n"
    )


def _sender(token: str) -> str:
    return f"{token[:-1]}@customer.test"


def _wire(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


class Source:
    """Threads that send conversations; each round allows some more of them, so that every kill finds work."""

    def __init__(self, port: int, threads: int, work: list[tuple[Letter, Letter]]) -> None:
        self._port = port
        self._work = deque(work)
        self._allowed = 0
        self._state = threading.Condition()
        self._over = False
        self.taken: list[Letter] = []
        self.codes: Counter[int | None] = Counter()
        self.cut_after_dot = 0
        self.pace = 0.0  # seconds between a thread's conversations
        self.slowest = 0.0
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def allow(self, count: int) -> None:
        """So many conversations more may begin."""
        with self._state:
            self._allowed += count
            self._state.notify_all()

    def has_taken(self, count: int) -> bool:
        """So many 250, or all that there is to take."""
        return self.codes[250] >= count or (not self._allowed and all(letter.acknowledged for letter in self.taken))

    def finish(self, seconds: float) -> bool:
        """Waits until all that was allowed has been taken; True when it was."""
        with self._state:
            self._over = True
            self._state.notify_all()
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _next(self) -> tuple[Letter, Letter] | None:
        with self._state:
            self._state.wait_for(lambda: self._over or (self._allowed and self._work))
            if not self._allowed or not self._work:
                return None
            self._allowed -= 1
            pair = self._work.popleft()
            self.taken += pair
            return pair

    def _run(self) -> None:
        while pair := self._next():
            time.sleep(self.pace)
            for letter in pair:
                while not letter.acknowledged:
                    self._attempt(letter)

    def _attempt(self, letter: Letter) -> None:
        began = time.monotonic()
        try:
            code = self._send(letter)
        except ConnectionRefusedError:
            time.sleep(PAUSE)  # nobody is there: that is no attempt
            return
        letter.answers.append(code)
        with self._state:
            self.codes[code] += 1
            self.slowest = max(self.slowest, time.monotonic() - began)
        if code != 250:
            time.sleep(PAUSE)

    def _send(self, letter: Letter) -> int | None:
        client = smtplib.SMTP(local_hostname="client.test", timeout=30)
        try:
            code, _ = client.connect("127.0.0.1", self._port)
            for step in self._steps(client, letter):
                if code not in (220, 250, 354):
                    break
                code, _ = step()
        except ConnectionRefusedError:
            raise
        except smtplib.SMTPResponseException as error:
            return error.smtp_code
        except (OSError, smtplib.SMTPException):
            return None
        finally:
            client.close()
        return code

    def _steps(self, client: smtplib.SMTP, letter: Letter) -> tuple[Callable[[], tuple[int, bytes]], ...]:
        return (
            client.ehlo,
            lambda: client.mail(letter.sender),
            lambda: client.rcpt("support@acme.test"),
            lambda: client.docmd("DATA"),
            lambda: self._mail_itself(client, letter),
        )

    def _mail_itself(self, client: smtplib.SMTP, letter: Letter) -> tuple[int, bytes]:
        """A line that ends after the dot and before the answer is counted: a clean end never does that (F05)."""
        client.send(re.sub(rb"(?m)^\.", b"..", letter.source) + b".\r\n")
        try:
            return client.getreply()
        except (OSError, smtplib.SMTPException):
            with self._state:
                self.cut_after_dot += 1
            raise
