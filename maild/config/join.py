"""Several files are one configuration: tables are merged, `[[…]]` are appended, a key stands once."""

from maild.config.lines import KeyPath
from maild.config.places import Place, Problem, Sheet, Tree, key_text


def join(tree: Tree, places: dict[KeyPath, Place], sheet: Sheet) -> None:
    """Joins one file's values to the sheet; where the same thing stands twice, that is a mistake."""
    for name, value in tree.items():
        there = sheet.tree.get(name)
        if there is None:
            sheet.tree[name] = value
            _adopt((name,), (name,), places, sheet)
        elif isinstance(there, dict) and isinstance(value, dict):
            _join_table(name, value, there, places, sheet)
        elif isinstance(there, list) and isinstance(value, list):
            for index, item in enumerate(value):
                _adopt((name, index), (name, len(there)), places, sheet)
                there.append(item)
        else:
            _twice((name,), places, sheet)


def _join_table(name: str, value: Tree, there: Tree, places: dict[KeyPath, Place], sheet: Sheet) -> None:
    for key, inner in value.items():
        if key in there:
            _twice((name, key), places, sheet)
        else:
            there[key] = inner
            _adopt((name, key), (name, key), places, sheet)


def _twice(path: KeyPath, places: dict[KeyPath, Place], sheet: Sheet) -> None:
    place = places.get(path, sheet.start)
    sheet.problems.append(Problem(place, key_text(path), f"stands already in {sheet.place(path)}; remove one of them"))


def _adopt(old: KeyPath, new: KeyPath, places: dict[KeyPath, Place], sheet: Sheet) -> None:
    """Takes over the places of a value and of all in it, under its path in the sheet."""
    for path, place in places.items():
        if path[: len(old)] == old:
            sheet.places[new + path[len(old) :]] = place
