"""`imap_session.Session` over one guarded connection (RELIABILITY 4.2 lists why each guard is here)."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date

from maild.intake import imap_client
from maild.intake.imap_account import After, ImapAccount, Timing
from maild.intake.imap_client import ANSWER_BYTES, Client, translated
from maild.intake.imap_guards import aware
from maild.intake.imap_session import (
    CommandRefusedError,
    ConnectionLostError,
    Measured,
    Selected,
    UnfetchableError,
)

LISTING_BYTES = 8 * 1024 * 1024
HEADER_BYTES = 256 * 1024


class ImapSession:
    """See `imap_session.Session`."""

    def __init__(self, client: Client, account: ImapAccount, timing: Timing) -> None:
        self._client = client
        self._account = account
        self._timing = timing
        self._writable = True

    def select(self) -> Selected:
        """SELECT, or EXAMINE where we may or will not write (RFC 3501 6.3.1)."""
        with self._speaking(f"opening {self._account.folder}"):
            readonly = self._account.after is After.NOTHING
            answer, self._writable = self._client.open_folder(self._account.folder, readonly=readonly)
        self._client.wire.untagged_responses.pop("EXISTS", None)
        return Selected(
            uidvalidity=answer.get(b"UIDVALIDITY") or None,
            uidnext=answer.get(b"UIDNEXT") or None,
            exists=answer.get(b"EXISTS") or 0,
            writable=self._writable,
        )

    def uids(self, first: int, last: int | None, since: date | None = None) -> Sequence[int]:
        """`n:*` names the last mail even when its UID is below n (RFC 3501 6.4.8), hence the filter."""
        criteria: list[object] = ["UID", f"{first}:{'*' if last is None else last}"]
        if since is not None:
            criteria += ["SINCE", since]
        with self._speaking("listing mails", size=LISTING_BYTES):
            found = self._client.search(criteria)
        return sorted({uid for uid in found if uid >= first and (last is None or uid <= last)})

    def highest(self) -> int:
        """For servers that don't say UIDNEXT."""
        with self._speaking("listing mails"):
            return max(self._client.search(["UID", "*"]), default=0)

    def measure(self, uid: int) -> Measured | None:
        """RFC822.SIZE and INTERNALDATE of one mail; others' answers are not listened to."""
        with self._speaking(f"measuring mail {uid}"):
            answer = self._client.fetch([uid], ["UID", "RFC822.SIZE", "INTERNALDATE"]).get(uid)
        if not answer or not {b"RFC822.SIZE", b"INTERNALDATE"} & answer.keys():
            return None
        size = answer.get(b"RFC822.SIZE")
        return Measured(size if isinstance(size, int) else None, aware(answer.get(b"INTERNALDATE")))

    def body(self, uid: int, size: int | None) -> bytes:
        """BODY.PEEK[], for which a slow but honest line gets more time."""
        most = self._account.max_message_bytes
        seconds = self._timing.command + (size or most) / self._timing.slowest_bytes_per_second
        return self._section(uid, "BODY.PEEK[]", b"BODY[]", seconds=seconds, size=most + ANSWER_BYTES)

    def header(self, uid: int) -> bytes:
        """The first 256 KiB of the header block."""
        item = f"BODY.PEEK[HEADER]<0.{HEADER_BYTES}>"
        return self._section(uid, item, b"BODY[HEADER]<0>", seconds=self._timing.command, size=ANSWER_BYTES)

    def finish(self, uids: Sequence[int]) -> Mapping[int, str]:
        """What the account wants done with mails that are kept. A refusal may be for one of them alone, so then each is
        tried by itself."""
        if not self._writable:
            return {}
        try:
            self._finish(uids)
        except CommandRefusedError as err:
            if len(uids) == 1:
                return {uids[0]: str(err)}
            return {uid: words for each in uids for uid, words in self.finish([each]).items()}
        return {}

    def finishes_together(self) -> bool:
        """Without MOVE (RFC 6851), what is repeated after COPY is copied again."""
        if self._account.after is not After.MOVE:
            return True
        with self._speaking("asking for MOVE"):
            return bool(self._client.has_capability("MOVE"))

    def can_idle(self) -> bool:
        """IDLE, as the admin and the server want it."""
        with self._speaking("asking for IDLE"):
            return bool(self._account.idle and self._client.has_capability("IDLE"))

    def idle(self, stop: threading.Event, seconds: float) -> None:
        """IDLE until there is news; that DONE is answered proves the line alive (imapclient #349, #449, #565)."""
        if self._news():
            return
        with self._speaking("IDLE", seconds=self._timing.idle_answer):
            self._client.idle()
        if not self._news():
            with self._speaking("IDLE", seconds=seconds + self._timing.idle_answer):
                self._listen(stop, time.monotonic() + seconds)
        with self._speaking("ending IDLE", seconds=self._timing.idle_answer):
            self._client.idle_done()

    def close(self) -> None:
        """LOGOUT where the line still answers."""
        self._client.wire.allow(self._timing.idle_slice, ANSWER_BYTES)
        self._client.leave()

    def _section(self, uid: int, item: str, key: bytes, *, seconds: float, size: int) -> bytes:
        with self._speaking(f"fetching mail {uid}", seconds=seconds, size=size):
            answer = self._client.fetch([uid], ["UID", item]).get(uid) or {}
        content = answer.get(key)
        if not isinstance(content, bytes) or not content:
            raise UnfetchableError(f"fetching mail {uid}: the server gives no content")
        return content

    def _finish(self, uids: Sequence[int]) -> None:
        which = f"mail {uids[0]}" if len(uids) == 1 else f"mails {uids[0]} to {uids[-1]}"
        with self._speaking(f"{self._account.after} of {which}"):
            match self._account.after:
                case After.FLAG:
                    self._client.add_flags(uids, [self._account.flag], silent=True)
                case After.MOVE:
                    self._move(uids)
                case After.DELETE:
                    self._delete(uids)
                case After.NOTHING:
                    pass

    def _move(self, uids: Sequence[int]) -> None:
        if self._client.has_capability("MOVE"):
            self._client.move(uids, self._account.move_to)
            return
        self._client.copy(uids, self._account.move_to)
        self._delete(uids)

    def _delete(self, uids: Sequence[int]) -> None:
        self._client.delete_messages(uids, silent=True)
        if self._client.has_capability("UIDPLUS"):  # a plain EXPUNGE would remove what others have marked
            self._client.uid_expunge(uids)

    def _news(self) -> bool:
        """True when mails were announced since SELECT: IDLE would not say it again."""
        return "EXISTS" in self._client.wire.untagged_responses

    def _listen(self, stop: threading.Event, until: float) -> None:
        while not stop.is_set() and (left := until - time.monotonic()) > 0:
            slice_ = min(left, self._timing.idle_slice)
            began = time.monotonic()
            answers = self._client.idle_check(timeout=slice_)
            if any(answer[0] == b"BYE" for answer in answers):
                raise ConnectionLostError("the server said BYE in IDLE")
            if any(answer[0] != b"OK" for answer in answers):
                return
            # Empty and early is a dead line, or TLS talking to itself: DONE will tell which.
            if not answers and time.monotonic() - began < slice_ / 2:
                return

    @contextmanager
    def _speaking(self, doing: str, *, seconds: float | None = None, size: int = ANSWER_BYTES) -> Iterator[None]:
        self._client.wire.allow(self._timing.command if seconds is None else seconds, size)
        with translated(doing):
            yield


def connect(account: ImapAccount, timing: Timing, stop: threading.Event, access_token: str | None) -> ImapSession:
    """See `imap_client.connect`."""
    return ImapSession(imap_client.connect(account, timing, stop, access_token), account, timing)
