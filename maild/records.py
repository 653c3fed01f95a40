"""`replace` for frozen dataclasses with slots: what `dataclasses.replace` does, in a third of its time.

A mail's way makes two dozen changed copies of records with up to fifty fields, and the standard library looks at each
field of each with Python's means. Without slots, or with a `__post_init__` that looks at the values, it does the work.
"""

import dataclasses
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import replace as replace
else:

    def replace(record, /, **changes):
        """A copy with some fields changed. TypeError for a name that is no field."""
        copier = _copier(record.__class__)
        if copier is None:
            return dataclasses.replace(record, **changes)
        read, setters, by_name = copier
        new = object.__new__(record.__class__)
        for setter, value in zip(setters, read(record), strict=True):
            setter(new, value)
        for name, value in changes.items():
            if name not in by_name:
                raise TypeError(f"{record.__class__.__name__} has no field {name!r}")
            by_name[name](new, value)
        return new


@cache
def _copier(kind: type) -> Any:
    """(reads all values, sets each in this order, sets one by its name); None where the standard library has to."""
    names = [field.name for field in dataclasses.fields(kind) if field.init]
    slots = [getattr(kind, name, None) for name in names]
    plain = len(names) > 1 and len(names) == len(dataclasses.fields(kind)) and not hasattr(kind, "__post_init__")
    if not plain or any(type(slot).__name__ != "member_descriptor" for slot in slots):
        return None
    by_name = {name: slot.__set__ for name, slot in zip(names, slots, strict=True)}  # type: ignore[union-attr]
    return attrgetter(*names), tuple(by_name.values()), by_name
