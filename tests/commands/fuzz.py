"""Blocks of commands by chance, by mail: all right or nothing done, and no line of theirs ever reaches a customer.

`python -m tests.commands.fuzz --blocks 5000 --seed 1`
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from maild.commands import COMMANDS, read_script
from maild.mail.model import Limits
from maild.mail.parse import understand
from maild.store import tickets
from maild.tickets.fold import fold
from tests.commands.desk import SAM, desk_with_words
from tests.commands.examples import EXAMPLES
from tests.desk_driver import PROVEN, DeskDriver, Sent, written

STAFF = ("sam@acme.test", "bob@acme.test", "nina@acme.test")
BLOCKS_A_TICKET = 20
MEMORY = Path("/dev/shm")  # nothing is to be lost here: no disk needs to be waited for
NONE_TO_SAY = frozenset({"merge", "delete", "away"})  # they end the ticket, or Sam's notifications, for all that follow
ARGUMENTS = (
    "", "bob", "@nina", "network", "high", "low", "open", "waiting", "closed", "vpn", "old", ",", "joe@x.test", "none",
    "Joe <joe@x.test>", "support@acme.test", "-- why", "x -- y -- z", "—", "\x00", "<script>", "'; drop", "é" * 50,
    "#tag", "\u202e", "a b c", "%s {}", "\\", "9" * 60, "mailto:a@b", "@", "<", "tomorrow", "3d", "2026-12-01 14:00",
    "1", "5", "20m", "serial=1", "serial", "recall", "/turn", "{own}", "{other}", "TICK-{other}", "linked", "is:open",
    "change digest", "a|b{c}@x.test", '"', "is:open (", "order=ORD-1", "-ORD-1", "billing", "change on",
)  # fmt: skip
WRONG = ("#frobnicate", "#asign bob", "#status wating", "#close now", "#due soon", "#add joe", "#merge 99", "#done 77",
         "#set colour=red", "#quality 9", "#link {own}", "#list ((", "#macro nothing", "#show 99")  # fmt: skip
GARBAGE = ("#", "##x", "#!sh", "# 5", "＃", "#\u200b", "#-x", "\u00a0", "> #close", "/turn", "#" + "x" * 90)
TEXTS = (
    "", "", "", "Hello {who},\n\nwe are on it {mark}.", "{mark}", "Dear {who},\n- one\n- two {mark}\n\nBye",
    "The printer {mark} burns.\n#close", "{mark}\n\n#note he {mark} never pays", "/turn", "{mark}\n-- \nSam",
    "Ünïcödé {mark} ✓",
)  # fmt: skip


@dataclass(slots=True)
class Scene:
    """The ticket that blocks are sent to, one beside it, and what has come of it all so far."""

    desk: DeskDriver
    chance: Random
    own: int = 0
    other: int = 0
    customer: str = ""
    notice: Sent | None = None
    left: int = 0
    count: int = 0
    last: int = 1000
    seen: Counter[str] = field(default_factory=Counter)


def fresh(scene: Scene) -> None:
    """A new pair of tickets."""
    scene.count += 1
    scene.customer = f"f{scene.count}@customer.test"
    desk, author = scene.desk, f"Jane Doe <{scene.customer}>"
    desk.clock.advance(minutes=11)
    scene.other = _number(desk, written(author=author, subject="Scanner", body=f"Scanner {scene.count}.\n"))
    desk.relay.take()
    scene.own = _number(desk, written(author=author, subject="Printer", body=f"Printer {scene.count} burns.\n"))
    scene.notice = desk.relay.to("sam@acme.test")[0]
    acknowledgement = desk.relay.to(scene.customer)[0]
    desk.answer(acknowledgement, f"And the other one, {scene.count}.", author=author)
    desk.relay.take()
    scene.left = scene.chance.randint(1, BLOCKS_A_TICKET)


def _number(desk: DeskDriver, source: bytes) -> int:
    number = desk.receive(source).ticket
    assert number is not None
    return number


def _exists(scene: Scene, number: int) -> bool:
    with scene.desk.room.store.read() as tx:
        return tickets.load(tx, number) is not None


def line(scene: Scene, tame: float) -> str:
    """One line: right, wrong, by chance, or nothing that could be a command; the tamer the likelier it is right."""
    chance = scene.chance
    kind = chance.random() * tame
    if kind < 0.45:
        names = [name for name in EXAMPLES if name not in NONE_TO_SAY or chance.random() < 0.1]
        made = EXAMPLES[chance.choice(names)].text.splitlines()[0]
    elif kind < 0.55:
        made = chance.choice(WRONG)
    elif kind < 0.95:
        command = chance.choice(COMMANDS)
        made = f"#{chance.choice((command.name, *command.aliases))} {chance.choice(ARGUMENTS)}"
    else:
        made = chance.choice(GARBAGE)
    return _bent(made.replace("{own}", str(scene.own)).replace("{other}", str(scene.other)), chance)


def _bent(made: str, chance: Random) -> str:
    """As clients write it, now and then."""
    bends = (
        lambda row: row.replace(" ", "\u00a0", 1),
        lambda row: row[:1] + row[1:].capitalize(),
        lambda row: row.replace("--", "—"),
        lambda row: "\u200b" + row,
        lambda row: row.replace("#", "# ", 1),
    )
    return chance.choice(bends)(made) if chance.random() < 0.2 else made


def block(scene: Scene) -> tuple[str, str]:
    """(the whole text, the mark that stands in its words)."""
    chance = scene.chance
    mark = f"quokka{scene.chance.randrange(10**9)}"
    few = 1 if chance.random() < 0.5 else chance.randint(2, 12)
    tame = chance.choice((1.0, 0.45))
    rows = [line(scene, tame) for _ in range(few)]
    text = chance.choice(TEXTS).replace("{mark}", mark).replace("{who}", "Jane")
    between = chance.choice(("\n\n", "\n\n", "\n"))
    return "\n".join(rows) + between + text, mark


def send(scene: Scene) -> str:
    """One block by mail, and everything that must be so afterwards; gives what became of it."""
    desk = scene.desk
    if scene.left == 0:
        fresh(scene)
    scene.left -= 1
    text, _ = block(scene)
    before = {number: desk.ticket(number).seq for number in (scene.own, scene.other)}
    while _exists(scene, scene.last + 1):
        scene.last += 1
    assert scene.notice is not None
    headers = f"{PROVEN}To: {scene.notice['Reply-To']}\nSubject: Re: {scene.notice['Subject']}\n"
    source = written(author=SAM, body=text + "\n", headers=headers)
    text = understand(source, desk.room.book.hints, Limits()).new_text  # what is no text never reaches the commands
    done = desk.receive(source, trusted=True)
    sent = desk.relay.take()
    outside = [each for each in sent if each.rcpt_to not in STAFF]
    refused = [each for each in sent if each.event == "commands_refused"]
    assert done.state in ("filed", "ignored", "held"), (done, text)
    if done.state == "filed" and not refused:
        _require_kept(scene, text, outside)
    elif done.state == "held":
        assert not outside, text
    else:
        _require_untouched(scene, text, before, refused, outside)
        assert not _exists(scene, scene.last + 1), text
    result = "refused" if refused else done.state
    scene.seen[result] += 1
    if desk.ticket(scene.own).merged_into or desk.ticket(scene.own).deleted or "#away" in text.casefold():
        scene.left = 0
        desk.receive(written(author=SAM, subject="here", body="#back\n", headers=PROVEN), trusted=True)
        desk.receive(written(author=SAM, subject="mail", body="#notify all on\n", headers=PROVEN), trusted=True)
        desk.relay.take()
    return result


def _require_untouched(
    scene: Scene, text: str, before: dict[int, int], refused: list[Sent], outside: list[Sent]
) -> None:
    """A wrong line: nothing changed, nobody outside was told, and the agent has all his lines back, once."""
    assert not outside, (text, [each.rcpt_to for each in outside])
    assert len(refused) == 1, text
    assert refused[0].rcpt_to == "sam@acme.test"
    for number, seq in before.items():
        news = [event.change.kind for event in scene.desk.history(number) if event.seq > seq]
        assert news in ([], ["refused"]), (text, news)
    back = "".join(refused[0].text.split())
    for each in read_script(text).lines:
        assert "".join(each.written.replace("\u200b", "").split()) in back.replace("\u200b", ""), (each, text)


def _require_kept(scene: Scene, text: str, outside: list[Sent]) -> None:
    """All right: no line of the block stands in what left, and rows are still the folds of their histories."""
    lines = [each.written for each in read_script(text).lines]
    for each in outside:
        everything = "".join(each.everything.split())
        for written_line in lines:
            assert "".join(written_line.split()) not in everything, (written_line, text)
        assert "#note" not in each.text, text
    for number in (scene.own, scene.other):
        ticket = scene.desk.ticket(number)
        assert fold(number, None, scene.desk.history(number)) == ticket, text


def campaign(folder: Path, blocks: int, seed: int, *, every: int = 0) -> Scene:
    """So many blocks on one desk; prints how it goes when `every` is not nothing."""
    desk = desk_with_words(folder, f"sqlite:///{folder}/maild.db")
    scene = Scene(desk, Random(seed))
    began = time.monotonic()
    try:
        for number in range(1, blocks + 1):
            send(scene)
            if every and number % every == 0:
                print(f"{number} blocks, {time.monotonic() - began:.0f} s, {dict(scene.seen)}", flush=True)
    finally:
        desk.close()
    return scene


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="random blocks of commands by mail")
    parser.add_argument("--blocks", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        scene = campaign(Path(folder), given.blocks, given.seed, every=250)
    print(f"nothing half done, nothing leaked: {sum(scene.seen.values())} blocks, {dict(scene.seen)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
