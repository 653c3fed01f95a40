"""The table of automatic assignment: who gets new tickets, entry by entry (SPEC AS-1)."""

from typing import Literal

from pydantic import Field

from maild.config.expressions import QueryText
from maild.config.values import Section, Text


class AssignmentEntry(Section):
    """One entry; the first that names an agent decides. `to`: category or address → agent or team."""

    strategy: Literal["category", "recipient", "sticky", "skill", "load", "round-robin"]
    when: QueryText = ""
    team: Text | None = None
    only_business_hours: bool = False
    calendar: Text | None = None
    to: dict[str, Text] = Field(default_factory=dict)
