"""The tables about customers and what they write of: organisations, custom fields, references to other systems."""

from typing import Annotated

from pydantic import Field

from maild.config.expressions import LinkPattern, LinkUrl
from maild.config.values import Addresses, Domains, Language, Section, Text, Texts, Zone
from maild.tickets.fields import FieldKind

Word = Annotated[str, Field(pattern=r"^[^\s@#,:=]{1,40}$")]


class FieldEntry(Section):
    """A field of the desk's own (SPEC TI-1)."""

    name: Word
    type: FieldKind = FieldKind.TEXT
    values: Texts = ()
    required: bool = False


class OrganisationEntry(Section):
    """A customer company, known by domains and addresses (SPEC TI-1)."""

    name: Text
    domains: Domains = ()
    addresses: Addresses = ()
    vip: bool = False
    language: Language | None = None
    timezone: Zone | None = None
    calendar: Text | None = None


class ReferenceEntry(Section):
    """Numbers of another system that are found in mails (SPEC UN-6)."""

    name: Word
    pattern: LinkPattern
    url: LinkUrl = ""
