"""The tables of the staff: agents and their wishes, roles, views, and what the desk tells at all."""

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, SecretStr

from maild.config.expressions import QueryText, SomeQuery
from maild.config.hours import QuietHours, TimeOfDay, TimesOfDay
from maild.config.schema_clock import HoursEntry
from maild.config.values import Address, Addresses, Language, Section, Text, Texts, Zone, one_or_many
from maild.notices.choices import Choice
from maild.tickets.roles import Verb


def _spoken(value: object) -> object:
    """`"on"` and `true` are mail, `false` is off: as people also write it."""
    words = {True: "mail", False: "off", "on": "mail"}
    return words.get(value, value) if isinstance(value, str | bool) else value


Name = Annotated[str, Field(pattern=r"^[^\s@#,]{1,40}$")]
Wish = Annotated[Choice, BeforeValidator(_spoken)]
AtLeastOne = Annotated[int, Field(ge=1)]


class AgentEntry(Section):
    """One member of staff."""

    name: Name
    email: Address
    role: Text = "agent"
    teams: Texts = ()
    addresses: Addresses = ()
    display_name: str = ""
    language: Language | None = None
    signature: str = ""
    password: SecretStr | None = None
    timezone: Zone | None = None
    notify: dict[str, Wish] = Field(default_factory=dict)
    quiet_hours: QuietHours | None = None
    digest_at: Annotated[TimesOfDay, Field(min_length=1)] | None = None
    morning_at: TimeOfDay | None = None
    working_hours: HoursEntry | None = None
    skills: Texts = ()
    max_open: AtLeastOne | None = None

    def zone(self, desk: ZoneInfo) -> ZoneInfo:
        """His own time zone, or the desk's."""
        return self.timezone or desk


class RoleEntry(Section):
    """A role of the desk's own, or another meaning of one that maild has (SPEC ID-4)."""

    name: Name
    may: Annotated[tuple[Verb, ...], BeforeValidator(one_or_many), Field(min_length=1)]
    sees: QueryText = ""


class ViewEntry(Section):
    """A query with a name, for `#list` (SPEC AG-4)."""

    name: Name
    query: SomeQuery


class Notify(Section):
    """What the desk tells at all: event × audience (SPEC OUT-5)."""

    customer: dict[str, bool] = Field(default_factory=dict)
    agent: dict[str, bool] = Field(default_factory=dict)
