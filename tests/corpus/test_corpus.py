"""How well real mails are understood: the share of each kind of label that holds must not fall below its floor."""

import collections
import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from maild.mail.model import Hints, InboundMail, Limits
from maild.mail.parse import understand

CORPUS = Path(os.environ.get("MAILD_CORPUS") or Path(__file__).parents[2].parent / "shared" / "corpus")
FLOORS = {
    "kind": 0.98, "kind_any": 0.95, "from": 0.99, "subject": 0.99, "attachments": 0.95, "attachment_count": 0.95,
    "text_contains": 0.97, "charset_ok": 1.0, "bounced_addresses": 0.98, "reply_text": 0.90, "reply_excludes": 0.94,
    "reply_contains": 0.99,
}  # fmt: skip

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(
        not (CORPUS / "labels.jsonl").exists(), reason=f"no corpus of real mails in {CORPUS} (MAILD_CORPUS)"
    ),
]


def fold(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "").strip()


def kinds(kind: str) -> set[str]:
    return {"auto_reply", "vacation"} if kind in ("auto_reply", "vacation") else {kind}


def sender(mail: InboundMail) -> str:
    box = mail.author or mail.claimed
    return box.address if box else ""


CHECKS: dict[str, Callable[[Any, InboundMail], bool]] = {
    "subject": lambda want, mail: fold(mail.subject) == fold(want),
    "from": lambda want, mail: sender(mail) == fold(want).lower().strip("<>"),
    "kind": lambda want, mail: mail.kind in kinds(want),
    "kind_any": lambda want, mail: mail.kind in set().union(*map(kinds, want)),
    "text_contains": lambda want, mail: all(fold(part) in fold(mail.text) for part in want),
    "text_excludes": lambda want, mail: not any(fold(part) in fold(mail.text) for part in want),
    "reply_text": lambda want, mail: fold(mail.new_text) == fold(want),
    "reply_contains": lambda want, mail: all(fold(part) in fold(mail.new_text) for part in want),
    "reply_excludes": lambda want, mail: not any(fold(part) in fold(mail.new_text) for part in want),
    "bounced_addresses": lambda want, mail: {fold(box).lower() for box in want} <= {b.address for b in mail.bounced},
    "attachment_count": lambda want, mail: len(mail.attachments) == want,
    "attachments": lambda want, mail: all(any(_same(file, have) for have in mail.attachments) for file in want),
    "charset_ok": lambda want, mail: bool(fold(mail.text)) and "\ufffd" not in mail.text + mail.subject,
    "language": lambda want, mail: (mail.language or "") == want[:2],
}


def holds(key: str, want: Any, mail: InboundMail) -> bool | None:
    check = CHECKS.get(key)
    return check(want, mail) if check else None


def _same(file: dict[str, Any], have: Any) -> bool:
    return all(file.get(key) is None or file[key] == getattr(have, key) for key in ("name", "size", "content_type"))


def labelled() -> Iterator[tuple[str, dict[str, Any], InboundMail]]:
    for line in (CORPUS / "labels.jsonl").read_text().splitlines():
        row = json.loads(line)
        source = (CORPUS / row["file"]).read_bytes()
        yield row["file"], row["expect"], understand(source, Hints(), Limits())


def test_real_mails_are_understood_as_people_labelled_them(capsys: pytest.CaptureFixture[str]) -> None:
    # given, when
    held: collections.Counter[str] = collections.Counter()
    asked: collections.Counter[str] = collections.Counter()
    failed: list[str] = []
    for file, expect, mail in labelled():
        for key, want in expect.items():
            ok = holds(key, want, mail)
            if ok is not None:
                asked[key] += 1
                held[key] += ok
                if not ok:
                    failed.append(f"{key}: {file}")
    # then
    with capsys.disabled():
        print()
        for key in sorted(asked):
            print(f"{key:18} {held[key]:4} of {asked[key]:4}  {100 * held[key] / asked[key]:5.1f} %")
    below = [key for key, floor in FLOORS.items() if asked[key] and held[key] < floor * asked[key]]
    assert not below, "\n".join(failed)
