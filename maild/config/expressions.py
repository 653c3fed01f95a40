"""Regular expressions, links and queries in the file: what is wrong with one is said when it is read."""

import re
from typing import Annotated

from pydantic import AfterValidator, PlainValidator

from maild.config.steepness import steep
from maild.config.values import plain_text
from maild.rules.links import VALUE, whole_words
from maild.tickets.query import QueryError, parse_query

LONGEST_PATTERN = 200
NESTED = re.compile(r"\([^()]{0,200}[+*}][^()]{0,200}\)[+*{]")


def _regex(value: object) -> str:
    text = plain_text(value)
    if not text or len(text) > LONGEST_PATTERN:
        raise ValueError(f"must be a pattern of 1 to {LONGEST_PATTERN} characters")
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from error
    return text


def _pattern(value: object) -> str:
    """A regular expression that cannot be made to run for ever by the text it is held against (RELIABILITY E8)."""
    text = _regex(value)
    if NESTED.search(text):
        raise ValueError("repeats a group that repeats inside: such a pattern can run for ever")
    return text


def _link_pattern(value: object) -> str:
    """The same for what is looked for in every mail: few repeats, so that no text makes it slow."""
    text = _regex(value)
    try:
        whole_words(text)
    except re.error as error:
        raise ValueError(f"is no regular expression here: {error}") from error
    if wrong := steep(text):
        raise ValueError(wrong)
    return text


def _link_url(value: object) -> str:
    text = plain_text(value)
    host = re.fullmatch(r"https?://([^\s/]+)/\S*", text)
    if text and (not host or VALUE not in text or VALUE in host[1]):
        raise ValueError(f"must be an address such as https://shop.acme.test/orders/{VALUE}")
    return text


def _query(value: object) -> str:
    text = plain_text(value)
    try:
        parse_query(text)
    except QueryError as error:
        raise ValueError(str(error)) from None
    return text


def _something(text: str) -> str:
    if not text:
        raise ValueError("must not be empty")
    return text


Pattern = Annotated[str, PlainValidator(_pattern)]
LinkPattern = Annotated[str, PlainValidator(_link_pattern)]
LinkUrl = Annotated[str, PlainValidator(_link_url)]
QueryText = Annotated[str, PlainValidator(_query)]
SomeQuery = Annotated[QueryText, AfterValidator(_something)]
