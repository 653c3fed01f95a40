"""Conditions joined by and, or and not; worked through without recursion, whatever they are made of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

L = TypeVar("L")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Every(Generic[L]):
    """All parts must hold; with none it holds."""

    parts: "tuple[Tree[L], ...]"


@dataclass(frozen=True, slots=True)
class Either(Generic[L]):
    """One part must hold; with none it does not."""

    parts: "tuple[Tree[L], ...]"


@dataclass(frozen=True, slots=True)
class Without(Generic[L]):
    """The part must not hold."""

    part: "Tree[L]"


Joint: TypeAlias = Every[L] | Either[L] | Without[L]
Tree: TypeAlias = L | Every[L] | Either[L] | Without[L]


def parts_of(tree: Any) -> tuple[Any, ...] | None:
    """What a joint joins; None for a leaf."""
    match tree:
        case Every(parts=parts) | Either(parts=parts):
            return parts
        case Without(part=part):
            return (part,)
        case _:
            return None


def folded(tree: Tree[Any], leaf: Callable[[L], R], join: Callable[[Joint[Any], list[R]], R]) -> R:
    """One value for a tree: that of its leaves, joined upwards from the bottom."""
    done: list[R] = []
    todo: list[tuple[Any, bool]] = [(tree, False)]
    while todo:
        node, is_open = todo.pop()
        parts = parts_of(node)
        if parts is None:
            done.append(leaf(node))
        elif is_open:
            cut = len(done) - len(parts)
            done[cut:] = [join(node, done[cut:])]
        else:
            todo += [(node, True), *((part, False) for part in reversed(parts))]
    return done[0]


def rebuilt(joint: Joint[Any], parts: list[Any]) -> Any:
    """The same joint over other parts; one part alone needs no joint."""
    match joint:
        case Without():
            return Without(parts[0])
        case Every() | Either():
            return parts[0] if len(parts) == 1 else type(joint)(tuple(parts))


def truth(joint: Joint[Any], parts: list[bool]) -> bool:
    """What a joint says when its parts are known."""
    match joint:
        case Every():
            return all(parts)
        case Either():
            return any(parts)
        case Without():
            return not parts[0]


def leaves(tree: Tree[L]) -> list[L]:
    """Every leaf, from left to right."""
    return folded(tree, lambda each: [each], lambda _, parts: [leaf for part in parts for leaf in part])


def depth(tree: Tree[L]) -> int:
    """How many joints lie in one another at most."""
    deepest, todo = 0, [(tree, 0)]
    while todo:
        node, level = todo.pop()
        deepest = max(deepest, level)
        todo += [(part, level + 1) for part in parts_of(node) or ()]
    return deepest
