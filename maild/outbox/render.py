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
from maild.outbox.audiences import EVENTS, visible
from maild.outbox.context import Context, completed
from maild.outbox.outgoing import Rendered
from maild.outbox.rows import card_rows
from maild.outbox.samples import sample, sparse_sample
from maild.outbox.sandbox import Sandbox, rendered
from maild.outbox.words import TABLE, Words, unknown_words, words_of

LAST_LANGUAGE = "en"
LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mail:
    """The compiled templates of one mail in one language, and that language's words."""

    language: str
    words: Words
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
        self._ours = Sandbox(folders[-1:]) if len(folders) > 1 else self._everybodys
        self._compiled: dict[tuple[Sandbox, str, str], Mail] = {}
        self._told: set[str] = set()

    def render(self, event: str, audience: str, language: str, context: Mapping[str, object]) -> Rendered:
        """The words of one mail. PermanentError when not even our own template can say them."""
        variables = visible(audience, completed({"desk": self._desk, **context}))
        if len(self._folders) > 1:
            try:
                return self._rendered(self._everybodys, event, language, variables)
            except Exception as error:  # noqa: BLE001  # an admin's template can raise whatever Python can
                self._tell(place(error, f"{event}"))
        try:
            return self._rendered(self._ours, event, language, variables)
        except Exception as error:
            raise PermanentError(f"no words for {event}: {place(error, event)}") from error

    def preview(self, event: str, language: str) -> Rendered:
        """A mail with sample values. PermanentError names the mistake that sending would hide behind our template."""
        variables = visible(EVENTS[event], {**sample(event), "desk": self._desk})
        try:
            return self._rendered(self._everybodys, event, language, variables)
        except Exception as error:
            raise PermanentError(place(error, f"{language}/{event}")) from error

    def check(self) -> list[str]:
        """Every mistake of all templates, each with its place."""
        words = (problem for each in self.languages() for problem in unknown_words(self._folders, each))
        found = dict.fromkeys([*self._strange_files(), *words, *self._failures()])
        return list(found)

    def languages(self) -> tuple[str, ...]:
        """The languages that have templates."""
        names = {path.parent.name for folder in self._folders for path in folder.glob("*/*.txt")}
        return tuple(sorted(names))

    def _rendered(self, sandbox: Sandbox, event: str, language: str, variables: Mapping[str, object]) -> Rendered:
        mail = self._mail(sandbox, event, language)
        rows = card_rows(variables, mail.words)
        values = {**variables, "language": mail.language, "words": mail.words, "rows": rows}
        subject = " ".join(rendered(mail.subject, values).split())
        text = rendered(mail.text, values).strip("\n") + "\n"
        return Rendered(subject, text, rendered(mail.html, values) if mail.html else None)

    def _mail(self, sandbox: Sandbox, event: str, language: str) -> Mail:
        key = (sandbox, event, language)
        if key not in self._compiled:
            self._compiled[key] = self._load(sandbox, event, language)
        return self._compiled[key]

    def _load(self, sandbox: Sandbox, event: str, wanted: str) -> Mail:
        """Both forms of a mail are of one language: the first that has the text."""
        for language in self._candidates(wanted):
            name = f"{language}/{event}"
            if sandbox.sources.path(f"{name}.txt"):
                subject, text = (sandbox.get_template(f"{name}.{form}") for form in ("subject", "txt"))
                html = sandbox.get_template(f"{name}.html") if sandbox.sources.path(f"{name}.html") else None
                return Mail(language, words_of(sandbox.sources.folders, language), subject, text, html)
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
                if path.stem.startswith("_") or path.name == TABLE:
                    continue
                if path.stem not in EVENTS:
                    yield f"{path}: no such mail; there are {', '.join(sorted(EVENTS))}"
                elif path.suffix == ".html" and not self._everybodys.sources.path(
                    f"{path.parent.name}/{path.stem}.txt"
                ):
                    yield f"{path}: has no {path.stem}.txt beside it"

    def _failures(self) -> Iterator[str]:
        for sandbox in dict.fromkeys((self._everybodys, self._ours)):
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
