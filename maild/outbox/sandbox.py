"""The jinja environment: sandboxed and strict. A template's author is the admin, so this guards against accidents."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateRuntimeError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from maild.outbox.filters import FILTERS
from maild.outbox.sources import Sources

LONGEST = 16 * 1024 * 1024
STEPS = 100_000


class Sandbox(ImmutableSandboxedEnvironment):
    """Names that do not exist are errors, HTML is escaped, texts cannot be multiplied (jinja2 docs: sandbox)."""

    intercepted_binops = frozenset(("*", "**"))

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self.sources = Sources(folders)
        super().__init__(
            loader=self.sources,
            undefined=StrictUndefined,
            autoescape=lambda name: bool(name and name.endswith(".html")),
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
            cache_size=-1,
        )
        self.filters.update(FILTERS)
        del self.globals["lipsum"]

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`ticket.status` of our plain values is an item: asked first, as the other way round each costs an error."""
        if type(obj) is dict:
            if attribute in obj:
                return obj[attribute]
            if not hasattr(dict, attribute):
                return self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)

    def call_binop(self, context: object, operator: str, left: object, right: object) -> object:
        """Numbers only, and no powers."""
        if operator == "*" and isinstance(left, int | float) and isinstance(right, int | float):
            return left * right
        raise SecurityError(f"{operator} is only for small numbers here")


class Steps:
    """`range` with one budget for a whole rendering, nested loops included."""

    def __init__(self) -> None:
        self._left = STEPS

    def __call__(self, *bounds: int) -> range:
        """A range, taken off the budget."""
        steps = range(*bounds)
        self._left -= len(steps)
        if self._left < 0:
            raise TemplateRuntimeError(f"more than {STEPS} steps in loops over range()")
        return steps


def rendered(template: Template, variables: Mapping[str, object]) -> str:
    """The template's words, as long as they are of a sane length."""
    pieces: list[str] = []
    size = 0
    for piece in template.generate(**{**variables, "range": Steps()}):
        size += len(piece)
        if size > LONGEST:
            raise TemplateRuntimeError(f"gives more than {LONGEST} characters")
        pieces.append(piece)
    return "".join(pieces)
