"""Template files: found folder by folder, the admin's before ours; subject line taken off, styles inlined."""

import re
from collections.abc import Callable
from pathlib import Path

from jinja2 import BaseLoader, Environment, TemplateNotFound, TemplateSyntaxError

from maild.outbox.styles import inlined

STYLE_SHEET = "layout.css"
_NAME = re.compile(
    r"(?:[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})?/)?[A-Za-z0-9_][A-Za-z0-9_-]{0,60}\.(?:txt|html|css|subject)\Z"
)
_SUBJECT = re.compile(r"Subject:(.+)\n[ \t]*(?:\n|\Z)")


class Sources(BaseLoader):
    """jinja's loader over our folders. `en/answer.subject` is the first line of `en/answer.txt`."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self.folders = folders
        self._css: str | None = None

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """The text of a template, by its name."""
        name = template.replace(".subject", ".txt")
        path = self.path(name)
        if path is None:
            raise TemplateNotFound(template)
        source = path.read_text("utf-8")
        if template.endswith(".html"):
            source = inlined(source, self._style_sheet())
        elif _has_subject(name):
            subject, source = _split(source, template, str(path))
            source = subject if template.endswith(".subject") else source
        return source, str(path), lambda: True

    def path(self, name: str) -> Path | None:
        """The first folder's file of that name."""
        if not _NAME.match(name):
            return None
        return next((folder / name for folder in self.folders if (folder / name).is_file()), None)

    def _style_sheet(self) -> str:
        if self._css is None:
            path = self.path(STYLE_SHEET)
            self._css = path.read_text("utf-8") if path else ""
        return self._css


def _has_subject(name: str) -> bool:
    """Files of a language are mails, but for those that begin with `_`, which are parts of mails."""
    _, slash, file = name.rpartition("/")
    return bool(slash) and name.endswith(".txt") and not file.startswith("_")


def _split(source: str, name: str, path: str) -> tuple[str, str]:
    """Subject and body; the body keeps its line numbers, so that mistakes are told at the right place."""
    found = _SUBJECT.match(source)
    if not found:
        raise TemplateSyntaxError("must begin with a line 'Subject: …' and an empty line", 1, name, path)
    return found[1].strip(), "\n" * found.group().count("\n") + source[found.end() :]
