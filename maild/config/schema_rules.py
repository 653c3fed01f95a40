"""The table of rules: on what, how often, when, and what then (SPEC RU-1)."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator

from maild.config.expressions import QueryText
from maild.config.hours import time_of_day
from maild.config.measures import positive_duration
from maild.config.values import Section, Text, Texts, WebUrl, one_or_many, plain_text
from maild.rules.schedule import Daily, Every, Interval
from maild.rules.triggers import Trigger

DAILY = "daily"
SHORTEST = timedelta(minutes=1)
EVERY_WANTED = 'must be a span of time such as "1h", or "daily 09:00"'


def _every(value: object) -> Every:
    text = plain_text(value).lower()
    try:
        if text.startswith(DAILY):
            return Daily(time_of_day(text.removeprefix(DAILY).strip()))
        length = positive_duration(text)
    except ValueError:
        raise ValueError(EVERY_WANTED) from None
    if length < SHORTEST:
        raise ValueError("must be at least 1m")
    return Interval(length)


def _tag(value: str) -> str:
    text = value.strip().lower()
    if not text or " " in text or len(text) > LONGEST_TAG:
        raise ValueError(f"must be one word of at most {LONGEST_TAG} letters")
    return text


def _yes(value: bool) -> bool:
    if not value:
        raise ValueError("must be true; leave it out when it shall not happen")
    return value


LONGEST_TAG = 40
AnEvery = Annotated[Every, PlainValidator(_every)]
Yes = Annotated[bool, AfterValidator(_yes)]
Tag = Annotated[Text, AfterValidator(_tag)]
Tags = Annotated[tuple[Tag, ...], BeforeValidator(one_or_many), Field(min_length=1)]
Triggers = Annotated[tuple[Trigger, ...], BeforeValidator(one_or_many)]
Name = Annotated[str, Field(pattern=r"^[^\s@#,]{1,60}$")]


class ThenEntry(Section):
    """What a rule does: the names of `maild.rules.actions`."""

    set_category: Text | None = None
    set_priority: Text | None = None
    escalate: Yes | None = None
    set_field: dict[str, str] | None = None
    add_tags: Tags | None = None
    remove_tags: Tags | None = None
    assign_team: Text | None = None
    assign: Text | None = None
    set_status: Text | None = None
    mark_spam: Yes | None = None
    notify: Annotated[Texts, Field(min_length=1)] | None = None
    answer: Text | None = None
    webhook: WebUrl | None = None

    def given(self) -> dict[str, object]:
        """The actions that are there, by name, in the order in which they are done."""
        return {name: value for name in type(self).model_fields if (value := getattr(self, name)) is not None}


class RuleEntry(Section):
    """One rule. `on` events, `every` so often, or both."""

    name: Name
    on: Triggers = ()
    every: AnEvery | None = None
    when: QueryText = ""
    then: ThenEntry
    stop: bool = False
