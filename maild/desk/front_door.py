"""The desk's door for the intake edges: recipients, blocks, room on the disk, logins, and the spool."""

import hmac
import shutil
import time
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path

from maild.desk.accept import Acceptor
from maild.desk.door import SpoolFile
from maild.desk.room import Room
from maild.errors import TransientError
from maild.mail.envelope import Envelope
from maild.store import inbound

FREE_BYTES = 100 * 1024 * 1024
MOST_WAITING = 50_000
LOOK_AGAIN_SECONDS = 2.0


class FrontDoor:
    """Implements `Door`. `passwords`: of agents, by name; replaced as a whole on reload."""

    def __init__(self, room: Room, acceptor: Acceptor, passwords: Mapping[str, str]) -> None:
        self._room = room
        self._acceptor = acceptor
        self.passwords = passwords
        self._looked_at = float("-inf")
        self._room_left = True

    def is_recipient(self, address: str) -> bool:
        """Our addresses, their plus-forms, and postmaster of our domains (RFC 5321 4.5.1)."""
        if self._room.book.directory.is_ours(address):
            return True
        local, _, domain = address.lower().rpartition("@")
        domains = {
            each.rpartition("@")[2].lower() for box in self._room.book.directory.inboxes for each in box.addresses
        }
        return local == "postmaster" and domain in domains

    def is_blocked(self, address: str) -> bool:
        """True for the block list."""
        return self._room.book.is_blocked(address)

    def has_room(self) -> bool:
        """Looks at disk and backlog, at most every two seconds."""
        now = time.monotonic()
        if now - self._looked_at > LOOK_AGAIN_SECONDS:
            self._looked_at = now
            self._room_left = self._has_room_now()
        return self._room_left

    def _has_room_now(self) -> bool:
        try:
            if shutil.disk_usage(self._room.blobs.folder.parent).free < FREE_BYTES:
                return False
            with self._room.store.read() as tx:
                return inbound.waiting(tx) < MOST_WAITING
        except (OSError, TransientError):
            return False

    def login(self, username: str, password: str) -> str | None:
        """The agent of this name or address, when the password is his; takes the same time for unknown ones."""
        directory = self._room.book.directory
        agent = directory.agent_named(username) or directory.agent_at(username)
        wanted = self.passwords.get(agent.name, "") if agent else ""
        right = hmac.compare_digest(wanted.encode(), password.encode("utf-8", "surrogatepass"))
        return agent.name if agent and wanted and right else None

    def submit(self, source: bytes | SpoolFile, envelope: Envelope) -> "Future[int]":
        """To the spool."""
        return self._acceptor.submit(source, envelope)

    def spool_folder(self) -> Path:
        """Beside the blobs."""
        return self._room.blobs.spool
