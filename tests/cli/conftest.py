"""A desk in a folder, spoken to by commands: in this process where only words and codes matter."""

import io
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from maild.cli import main
from tests.desk_driver import written
from tests.servers.product import Desk


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Call = Callable[..., Ended]


class _Stream(io.TextIOWrapper):
    """A standard stream in memory, with the bytes below the text."""

    def __init__(self, content: bytes = b"") -> None:
        super().__init__(io.BytesIO(content), encoding="utf-8", errors="replace", write_through=True)

    @property
    def said(self) -> str:
        below = self.buffer
        assert isinstance(below, io.BytesIO)
        return below.getvalue().decode("utf-8", "replace")


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Call]:
    """The program's own entry point with these words, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    mask = os.umask(0o077)
    os.umask(mask)

    def run(*words: str, source: bytes = b"") -> Ended:
        assert "run" not in words, "a daemon takes over signals and logging: it is called as a process of its own"
        out, err = _Stream(), _Stream()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["maild", *words])
            patch.setattr(sys, "stdin", _Stream(source))
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            with pytest.raises(SystemExit) as ended:
                main()
        code = ended.value.code
        assert isinstance(code, int)
        return Ended(code, out.said, err.said)

    yield run
    os.umask(mask)


@pytest.fixture
def product(tmp_path: Path) -> Desk:
    """A desk that nobody has started yet; its mails would go to a folder."""
    return Desk(tmp_path, delivery="maildir:out")


@pytest.fixture
def start(product: Desk) -> Call:
    """`maild run` as a process of its own that is expected to refuse."""

    def run(*words: str) -> Ended:
        done = product.call("run", *words)
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture(scope="session")
def once_used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a desk at work, to be copied: making one takes long."""
    desk = Desk(tmp_path_factory.mktemp("used"), delivery="maildir:out")
    spam = written(author="eve@evil.test", headers="X-Spam-Flag: YES\n", message_id="<spam@client.test>")
    for source in (written(message_id="<first@client.test>"), spam):
        desk.cli("ingest", "--recipient", "support@acme.test", "--wait", source=source)
    desk.config.unlink()
    return desk.folder


@pytest.fixture
def used(product: Desk, once_used: Path) -> Desk:
    """A desk with one ticket, its acknowledgement in the outbox, and one mail in quarantine."""
    for path in once_used.iterdir():
        (shutil.copytree if path.is_dir() else shutil.copy2)(path, product.folder / path.name)
    return product
