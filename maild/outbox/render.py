"""Events → words, by jinja2 templates `LANGUAGE/EVENT.txt` and `.html` (SPEC OUT-1).

Ticket text is data, never template. The admin's folder overrides ours file by file; when a template of his fails, ours
is used, the mail leaves, and the failure is told once.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from jinja2 import Template, TemplateNotFound, TemplateSyntaxError

from maild.errors import PermanentError
from maild.outbox.context import EMPTY, EVENTS, Context, sample, sparse_sample, visible
from maild.outbox.outgoing import Rendered
from maild.outbox.sandbox import Sandbox, rendered

LAST_LANGUAGE = "en"
LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Words:
    """The compiled templates of one mail in one language."""

    language: str
    subject: Template
    text: Template
    html: Template | None


class Templates:
    """All templates of a desk, compiled once. `desk` has `name`, `address` and `language`; the last folder is ours."""

    def __init__(
        self,
        folders: tuple[Path, ...],
        desk: Mapping[str, str],
        report: Callable[[str], None] = LOG.warning,
    ) -> None:
        self._folders = folders
        self._desk = desk
        self._report = report
        self._everybodys = Sandbox(folders)
        self._ours = Sandbox(folders[-1:])
        self._compiled: dict[tuple[Sandbox, str, str], Words] = {}
        self._told: set[str] = set()

    def render(self, event: str, audience: str, language: str, context: Mapping[str, object]) -> Rendered:
        """The words of one mail. PermanentError when not even our own template can say them."""
        variables = visible(audience, {**EMPTY, "desk": self._desk, **context})
        if len(self._folders) > 1:
            try:
                return self._rendered(self._everybodys, event, language, variables)
            except Exception as error:  # noqa: BLE001  # an admin's template can raise whatever Python can
                self._tell(place(error, f"{event}"))
        try:
            return self._rendered(self._ours, event, language, variables)
        except Exception as error:
            raise PermanentError(f"no words for {event}: {place(error, event)}") from error

    def check(self) -> list[str]:
        """Every mistake of all templates, each with its place."""
        found = dict.fromkeys([*self._strange_files(), *self._failures()])
        return list(found)

    def languages(self) -> tuple[str, ...]:
        """The languages that have templates."""
        names = {path.parent.name for folder in self._folders for path in folder.glob("*/*.txt")}
        return tuple(sorted(names))

    def _rendered(self, sandbox: Sandbox, event: str, language: str, variables: Mapping[str, object]) -> Rendered:
        words = self._words(sandbox, event, language)
        values = {**variables, "language": words.language}
        subject = " ".join(rendered(words.subject, values).split())
        text = rendered(words.text, values).strip("\n") + "\n"
        return Rendered(subject, text, rendered(words.html, values) if words.html else None)

    def _words(self, sandbox: Sandbox, event: str, language: str) -> Words:
        key = (sandbox, event, language)
        if key not in self._compiled:
            self._compiled[key] = self._load(sandbox, event, language)
        return self._compiled[key]

    def _load(self, sandbox: Sandbox, event: str, wanted: str) -> Words:
        """Both forms of a mail are of one language: the first that has the text."""
        for language in self._candidates(wanted):
            name = f"{language}/{event}"
            if sandbox.sources.path(f"{name}.txt"):
                html = sandbox.get_template(f"{name}.html") if sandbox.sources.path(f"{name}.html") else None
                return Words(
                    language, sandbox.get_template(f"{name}.subject"), sandbox.get_template(f"{name}.txt"), html
                )
        raise TemplateNotFound(f"{wanted}/{event}.txt")

    def _candidates(self, wanted: str) -> tuple[str, ...]:
        own = self._desk.get("language", LAST_LANGUAGE)
        languages = (wanted, wanted.partition("-")[0], own, own.partition("-")[0], LAST_LANGUAGE)
        return tuple(dict.fromkeys(each for each in languages if each))

    def _tell(self, problem: str) -> None:
        if problem not in self._told:
            self._told.add(problem)
            self._report(f"{problem}; the built-in template is used instead")

    def _strange_files(self) -> Iterator[str]:
        for folder in self._folders:
            for path in sorted(folder.glob("*/*.*")):
                if path.stem.startswith("_"):
                    continue
                if path.stem not in EVENTS:
                    yield f"{path}: no such mail; there are {', '.join(sorted(EVENTS))}"
                elif path.suffix == ".html" and not self._everybodys.sources.path(
                    f"{path.parent.name}/{path.stem}.txt"
                ):
                    yield f"{path}: has no {path.stem}.txt beside it"

    def _failures(self) -> Iterator[str]:
        for sandbox in (self._everybodys, self._ours):
            for language in self.languages():
                for event, audience in EVENTS.items():
                    for context in (sample(event), sparse_sample(event)):
                        yield from self._failure(sandbox, event, audience, language, context)

    def _failure(self, sandbox: Sandbox, event: str, audience: str, language: str, context: Context) -> Iterator[str]:
        try:
            words = self._rendered(sandbox, event, language, visible(audience, context))
        except Exception as error:  # noqa: BLE001  # whatever it is, it is the template's mistake and told
            yield place(error, f"{language}/{event}")
            return
        if not words.subject and (context["ticket"] is None or context["ticket"]["subject"]):
            yield f"{language}/{event}.txt: gives an empty subject"
        if not words.text.strip():
            yield f"{language}/{event}.txt: gives an empty text"


def place(error: Exception, name: str) -> str:
    """`FILE:LINE: what is wrong`, with the line of the template in which it happened."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or error.name or name}:{error.lineno}: {error.message}"
    what = f"no template {error}" if isinstance(error, TemplateNotFound) else f"{error}" or type(error).__name__
    return f"{_line(error.__traceback__) or name}: {what}"


def _line(trace: TracebackType | None) -> str:
    """jinja gives its frames the template's file and line; the innermost one is where it happened."""
    found = ""
    while trace:
        if trace.tb_frame.f_code.co_filename.endswith((".txt", ".html", ".subject")):
            found = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found
