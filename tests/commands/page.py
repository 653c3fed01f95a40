"""The page of all commands, made from the commands themselves: `python -m tests.commands.page` writes docs/commands.md."""

from pathlib import Path

from maild.commands import COMMANDS, Command, find
from maild.commands.command import Scope

PAGE = Path(__file__).parents[2] / "docs/commands.md"
INTRODUCTION = """# Commands by mail

Agents work from their own mail program. An answer to a notification goes to the customer; lines that begin with `#`
at the top of it do something with the ticket.

```
#take
#priority high -- the whole office is down

Hello Jane, we are on it.
```

* One command a line, at the top, then an empty line, then your text. Without a text the customer gets nothing.
* If one line is wrong, **nothing** happens and nothing is sent: your mail comes back with the wrong line marked and what
  would be right.
* A reason goes after `--`; it stands in the history, and customers never see it.
* Capital letters, blanks, `#take`, `# take`, `#Take:`, smart quotes and dashes are all understood: write as your mail
  program likes.
* A mail is a note or an answer: `#note` and `#reply` in one mail contradict each other.
* A command below the text is never sent to the customer: the mail comes back.
* What needs the permission to do something is up to your role; `#help` shows what you may. Where a command needs
  *proof*, the mail must come by a login or with a mail server's word: a signed reply address alone is not enough.
* `/name` on a line of its own inserts a canned response; `#macro NAME` also gives the commands that go with it.
* The same commands work in `maild ticket do TICK-1001 '#take' --as alice`.

Questions (`#list`, `#show`, …) may also be sent to the desk's own address, in a new mail. The answer comes by mail.

Customers have a few lines of their own, in answers to our mails: `#solved` (or `#close`), `#broken` (or `#reopen`),
`#rate 1` to `#rate 5` with a comment, `#category NAME` while there is none, `#status`, and `#unsubscribe` for those who
were copied. Everything else that they write is their text.
"""
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Words", ("note", "reply", "supplier", "for", "bulk")),
    ("Status", ("status", "open", "waiting", "hold", "resolve", "close", "reopen")),
    ("Who does it, and how soon", ("take", "assign", "drop", "priority", "escalate", "due", "followup", "action")),
    ("What it is about", ("subject", "category", "tag", "untag", "set", "ref", "cause", "quality")),
    ("Work", ("todo", "done", "time", "undo")),
    ("People", ("add", "uncc", "requester", "watch", "unwatch", "spam", "block")),
    ("Several tickets", ("merge", "unmerge", "split", "link", "unlink", "delete")),
    ("Questions", ("list", "search", "show", "history", "customer", "canned", "help")),
    ("Yourself", ("away", "back", "notify")),
)


def page() -> str:
    """The whole page."""
    return INTRODUCTION + "".join(_group(title, names) for title, names in GROUPS)


def _group(title: str, names: tuple[str, ...]) -> str:
    found = [command for name in names if (command := find(name, COMMANDS)) is not None]
    return f"\n## {title}\n" + "".join(f"\n{_entry(each)}" for each in found)


def _entry(command: Command) -> str:
    example = command.example.splitlines()[0]
    lines = [f"### `{command.usage}`", "", command.summary, "", f"* Example: `{example}`"]
    if command.aliases:
        lines.append(f"* Also: {', '.join(f'`#{each}`' for each in command.aliases)}")
    lines.append(f"* Permission: {command.verb.value}" + (", and proof" if command.strong else ""))
    if command.scope is Scope.DESK:
        lines.append("* Also in a mail to the desk itself")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page())
