"""Why a rule would fire or not: its query part by part, and the words that decide (SPEC RU-1)."""

from dataclasses import dataclass
from typing import Any

from maild.rules.actions import Scene
from maild.rules.engine import Rule
from maild.tickets.matching import Contains, holds, matches
from maild.tickets.query import QueryError, Term
from maild.tickets.query.resolve import resolved
from maild.tickets.query.tree import Either, Every, Joint, Tree, Without, folded, truth
from maild.tickets.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Part:
    """One of the conditions that must all hold; `failed` are its words by which it does not."""

    written: str
    holds: bool
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule's query on one ticket. `wrong` says why it cannot be asked at all."""

    holds: bool
    parts: tuple[Part, ...] = ()
    wrong: str = ""


def asked(rule: Rule, ticket: Ticket, scene: Scene, contains: Contains) -> Asked:
    """Each part with its answer; merged and deleted tickets are nobody's, unless the query names them."""
    condition = rule.when.condition
    trees = condition.parts if isinstance(condition, Every) else (condition,)
    try:
        parts = tuple(_part(tree, ticket, scene, contains) for tree in trees)
        whole = matches(rule.when, ticket, scene.setting, contains)
    except QueryError as error:
        return Asked(holds=False, wrong=str(error))
    if not whole and all(part.holds for part in parts):
        parts = (*parts, Part("-is:merged -is:deleted", holds=False, failed=("is:merged or is:deleted",)))
    return Asked(whole, parts)


def _part(tree: Tree[Term], ticket: Ticket, scene: Scene, contains: Contains) -> Part:
    def answer(term: Term) -> bool:
        return holds(Every((resolved(term, scene.setting),)), ticket, contains)

    if folded(tree, answer, truth):
        return Part(written(tree), holds=True)
    signed = folded(tree, _plain, _signed)
    failed = tuple(_word(term, wanted=wanted) for term, wanted in signed if answer(term) is not wanted)
    return Part(written(tree), holds=False, failed=failed)


def _plain(term: Term) -> list[tuple[Term, bool]]:
    return [(term, True)]


def _signed(joint: Joint[Any], parts: list[list[tuple[Term, bool]]]) -> list[tuple[Term, bool]]:
    """Every term, and whether it should hold: each `-` around it turns that round."""
    turn = isinstance(joint, Without)
    return [(term, wanted is not turn) for part in parts for term, wanted in part]


def _word(term: Term, *, wanted: bool) -> str:
    return term.word if wanted else f"-{term.word}"


def written(tree: Tree[Term]) -> str:
    """A condition as an admin writes it."""
    text = folded(tree, _as_written, _joined)
    return text.removeprefix("(").removesuffix(")") if isinstance(tree, Every | Either) else text


def _as_written(term: Term) -> str:
    return term.word


def _joined(joint: Joint[Any], parts: list[str]) -> str:
    match joint:
        case Without():
            return f"-{parts[0]}"
        case Every():
            return f"({' '.join(parts)})"
        case Either():
            return f"({' or '.join(parts)})"
