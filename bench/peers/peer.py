"""A peer under measurement: its base made once, a fresh copy for each run, what stands in it afterwards."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.corpus import Mail, mails
from bench.desk import Sample
from bench.peers.used import Used
from bench.peers.venvs import python_of
from bench.processes import ROOT
from bench.sink import Sink

MBOX_LINE = b"From customer Mon Mar  2 09:00:00 2026\n"


@dataclass(frozen=True, slots=True)
class Kind:
    """What tells one peer from the other."""

    name: str
    module: str
    token: str
    take: Callable[["Peer", Path, Path], list[str]]
    lay_down: Callable[[Path, Sequence[Mail]], Path]


class Peer:
    """One kind of peer over a folder of the bench."""

    def __init__(self, kind: Kind, venvs: Path, base: Path, sink: Sink) -> None:
        self.kind, self.base, self.sink = kind, base / kind.name, sink
        self.python = python_of(kind.name, venvs)
        self.base.mkdir()

    def measure(self, count: int, seed: int, tickets: int) -> Sample:
        """`count` mails in one batch, on a fresh copy that has so many tickets; its bare start is taken off."""
        given = mails(count, seed, self.kind.token, tickets)
        home = self.base / "work"
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(self._made(tickets), home)
        before = self._count(home)
        idle = self._run(home, ())
        told = self.sink.counts().mails
        used = self._run(home, given)
        told = self.sink.counts().mails - told
        after = self._count(home)
        self._check(before, after, given)
        if told < count:
            raise SystemExit(f"bench: {self.kind.name} sent {told} notices of {count} mails: see {self.base}/log")
        seconds, cpu = used.seconds - idle.seconds, used.cpu - idle.cpu
        return Sample(count / seconds, cpu / count * 1000, used.resident_mb)

    def _made(self, tickets: int) -> Path:
        home = self.base / f"with-{tickets}"
        if not home.exists():
            self._side("make", home, str(self.sink.port))
            if tickets:
                self._side("fill", home, str(self.sink.port), str(tickets))
        return home

    def _run(self, home: Path, given: Sequence[Mail]) -> Used:
        laid = self.kind.lay_down(self.base / "mails", given)
        command = [sys.executable, "-m", "bench.peers.used", *self.kind.take(self, home, laid)]
        used = Used(**json.loads(self._output(command)))
        if used.code != 0:
            raise SystemExit(f"bench: {self.kind.name} ended with {used.code}; see {self.base}/log")
        return used

    def _count(self, home: Path) -> tuple[int, int]:
        tickets, messages = self._side("count", home, str(self.sink.port)).split()
        return int(tickets), int(messages)

    def _check(self, before: tuple[int, int], after: tuple[int, int], given: Sequence[Mail]) -> None:
        """A peer that did not do the work would be fast."""
        added = (after[0] - before[0], after[1] - before[1])
        wanted = (sum(mail.after is None for mail in given), len(given))
        if added != wanted:
            raise SystemExit(f"bench: {self.kind.name} added {added}, not {wanted} tickets and messages: {self.base}")

    def _side(self, word: str, home: Path, *more: str) -> str:
        return self._output([str(self.python), "-m", self.kind.module, word, str(home), *more])

    def _output(self, command: list[str]) -> str:
        with (self.base / "log").open("ab") as log:
            done = subprocess.run(command, cwd=ROOT, env=_environment(), stdout=subprocess.PIPE, stderr=log, check=True)
        return done.stdout.decode()


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def as_mbox(folder: Path, given: Sequence[Mail]) -> Path:
    """One file, lines of Unix, a line of its own before each mail (RFC 4155)."""
    pieces = (mail.content.replace(b"\r\n", b"\n").replace(b"\nFrom ", b"\n>From ") for mail in given)
    file = folder.with_suffix(".mbox")
    file.write_bytes(b"".join(MBOX_LINE + piece + b"\n" for piece in pieces))
    return file


def as_files(folder: Path, given: Sequence[Mail]) -> Path:
    """A file for each mail, named in the order of arrival."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for place, mail in enumerate(given):
        (folder / f"{place:06d}.eml").write_bytes(mail.content)
    return folder


def _roundup(peer: Peer, home: Path, laid: Path) -> list[str]:
    return [str(peer.python.with_name("roundup-mailgw")), str(home), "mailbox", str(laid)]


def _helpdesk(peer: Peer, home: Path, laid: Path) -> list[str]:
    return [str(peer.python), "-m", peer.kind.module, "take", str(home), str(peer.sink.port), str(laid)]


KINDS = (
    Kind("roundup", "bench.peers.roundup_side", "[issue{number}]", _roundup, as_mbox),
    Kind("helpdesk", "bench.peers.helpdesk_side", "[desk-{number}]", _helpdesk, as_files),
)
