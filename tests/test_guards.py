"""Promises about the code itself, kept by looking at it."""

import ast
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import maild
import maild.commands
import maild.gate
from maild.commands import COMMANDS
from maild.commands.command import Command
from maild.gate import ANSWER_CHECKS, CHECKS
from maild.gate.case import Check
from maild.resources import data_dir

ROOT = Path(maild.__file__).parent
SOURCES = sorted(ROOT.rglob("*.py"))
TREES = {path: ast.parse(path.read_text()) for path in SOURCES}
SHORT = {"tell_admins": 2}  # what stands behind is the trouble's own name
NAMES_OF_EVENTS = frozenset({"Notice", "_notice", "to_agent", "mail_to_agent", "tell_admins", "_tell"})


def modules(room: object) -> list[object]:
    places, name = room.__path__, room.__name__  # type: ignore[attr-defined]
    return [importlib.import_module(f"{name}.{each.name}") for each in pkgutil.iter_modules(places)]


def values(room: object, kind: type) -> list[object]:
    found = [value for module in modules(room) for value in vars(module).values()]
    return [value for value in found if isinstance(value, kind)]


def test_every_command_that_is_written_is_in_the_registry() -> None:
    assert [each for each in values(maild.commands, Command) if each not in COMMANDS] == []


def test_no_two_commands_share_a_word() -> None:
    words = [word for command in COMMANDS for word in (command.name, *command.aliases)]

    assert len(words) == len(set(words))
    assert all(word == word.lower() for word in words)


def test_every_check_that_is_written_is_in_a_registry() -> None:
    assert [each for each in values(maild.gate, Check) if each not in (*CHECKS, *ANSWER_CHECKS)] == []


def test_no_two_checks_share_a_name() -> None:
    names = [check.name for check in (*CHECKS, *ANSWER_CHECKS)]

    assert len(names) == len(set(names))


def dotted(node: ast.AST) -> str:
    return ast.unparse(node) if isinstance(node, ast.Attribute | ast.Name) else ""


@pytest.mark.parametrize(
    ("call", "but_in"),
    [
        (r"(datetime|date)\.(now|today|utcnow|utcfromtimestamp)|(\w+\.)?utcnow", {"clock.py"}),
        (r"time\.time(_ns)?|time\.(localtime|gmtime)", {"clock.py"}),
        (r"(\w+\.)*parseaddr", set()),
        (r"(pickle|marshal|shelve|dill)\.\w+", set()),
        (r"eval|exec|os\.system|os\.popen", set()),
        (r"random\.(random|choice|choices|randint|shuffle|seed)", set()),
        (r"yaml\.load|tempfile\.mktemp", set()),
    ],
)
def test_nobody_calls_what_has_one_place_or_none(call: str, but_in: set[str]) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, tree in TREES.items()
        if path.name not in but_in
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and re.fullmatch(call, dotted(node.func))
    ]

    assert found == []


@pytest.mark.parametrize("name", ["pickle", "marshal", "shelve", "telnetlib", "imghdr"])
def test_no_file_imports_what_can_run_a_strangers_code(name: str) -> None:
    imports = [
        (path.name, alias.name) for path, tree in TREES.items() for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names
    ]  # fmt: skip
    froms = [node.module for tree in TREES.values() for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]

    assert [each for each in imports if each[1].split(".")[0] == name] == []
    assert name not in froms


def test_no_mail_is_read_with_the_policy_that_raises_on_strangers_headers() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and dotted(node).endswith("policy.default"))
        or (
            isinstance(node, ast.ImportFrom)
            and node.module == "email.policy"
            and any(alias.name == "default" for alias in node.names)
        )
    ]

    assert found == []


def swallows(handler: ast.ExceptHandler) -> bool:
    """A bare except, or a broad one that only passes."""
    broad = handler.type is not None and dotted(handler.type) in ("Exception", "BaseException")
    idle = all(isinstance(each, ast.Pass | ast.Continue) for each in handler.body)
    return handler.type is None or (broad and idle)


def test_no_error_is_swallowed_unseen() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and swallows(node)
    ]

    assert found == []


def events() -> set[str]:
    """The first argument of every call that makes a notice, and what stands in a name called `event`."""
    found: set[str] = set()
    for tree in TREES.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and dotted(node.func) in NAMES_OF_EVENTS:
                found |= {each.value for each in node.args[: SHORT.get(dotted(node.func), 3)] if _is_event(each)}  # type: ignore[attr-defined]
            if isinstance(node, ast.Assign) and [dotted(each) for each in node.targets] == ["event"]:
                found |= {each.value for each in ast.walk(node.value) if _is_event(each)}  # type: ignore[attr-defined]
            if isinstance(node, ast.Call) and dotted(node.func) == "told":
                found |= {each.value for each in node.args if _is_event(each)}  # type: ignore[attr-defined]
    return found


def _is_event(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(re.fullmatch(r"[a-z_]+", node.value))


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("form", ["txt", "html"])
def test_every_event_has_its_words_in_each_language_and_form(language: str, form: str) -> None:
    folder = data_dir("templates") / language

    assert {event for event in events() if not (folder / f"{event}.{form}").is_file()} == set()


def test_the_events_are_really_found() -> None:
    customers = {"acknowledgement", "answer", "resolved", "closed", "status", "attachment_refused"}
    agents = {"assignment", "was_this_you", "held", "commands_refused", "undelivered", "delayed"}
    admins = {"quarantined", "mailbox_trouble", "trouble", "recovered"}
    wanted = customers | agents | admins

    assert wanted <= events()


def test_languages_have_the_same_templates() -> None:
    english, german = (
        {path.name for path in (data_dir("templates") / language).iterdir()} for language in ("en", "de")
    )

    assert english == german


def test_every_module_says_what_it_is() -> None:
    assert [str(path.relative_to(ROOT)) for path, tree in TREES.items() if not ast.get_docstring(tree)] == []
