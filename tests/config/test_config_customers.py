"""Organisations, custom fields and references: what the file's words become, and what is said of slips."""

from collections.abc import Callable

import pytest

from maild.config import Config
from maild.rules.links import found, link_of
from maild.tickets.fields import FieldKind, FieldType
from maild.tickets.organisations import is_vip, organisation_of

Build = Callable[..., Config]
Problems = Callable[..., list[str]]
GLOBEX = "[[organisations]]\nname = 'Globex'\ndomains = ['@Globex.test']\n"
ORDER = "[[references]]\nname = 'order'\npattern = 'ORD-\\d{4,}'\n"


def test_the_files_organisations_are_the_cores(config: Build) -> None:
    given = config("[tickets]\nvips = 'ceo@initech.test'\n" + GLOBEX + "vip = true\nlanguage = 'de'\n")
    globex = organisation_of("Jane@GLOBEX.test", given.organisations)

    assert globex is not None and (globex.name, globex.language, globex.vip) == ("Globex", "de", True)
    assert is_vip("CEO@initech.test", given.organisations, given.tickets.vips)


def test_fields_and_references_are_the_cores(config: Build) -> None:
    given = config(
        "[[fields]]\nname = 'size'\ntype = 'choice'\nvalues = ['S', 'L']\nrequired = true\n"
        + ORDER + "url = 'https://shop.test/o/{value}'\n"
    )  # fmt: skip

    assert given.fields == (FieldType("size", FieldKind.CHOICE, ("S", "L"), required=True),)
    assert found("my order ORD-12345, not WORD-1234", given.links) == (("order", "ORD-12345"),)
    assert link_of("order", "ORD-1?x=/", given.links) == "https://shop.test/o/ORD-1%3Fx%3D%2F"


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("[[fields]]\nname = 'x'\ntype = 'nubmer'", "3: fields[1].type: must be one of text, number, date, choice, yes-no (did you mean 'number'?)"),
        ("[[fields]]\nname = 'x'\ntype = 'choice'", "3: fields[1].type: needs values to choose from"),
        ("[[fields]]\nname = 'x'\nvalues = ['a']", '3: fields[1].values: belongs together with type = "choice"'),
        ("[[fields]]\nname = 'x'\ntype = 'choice'\nvalues = ['a', 'A']", "4: fields[1].values[2]: 'A' stands twice"),
        ("[[fields]]\nname = 'a=b'", "2: fields[1].name: must be one short word"),
        ("[[fields]]\nname = 'x'\n[[fields]]\nname = 'X'", "4: fields[2].name: 'X' is the name of another field"),
        (GLOBEX + "[[organisations]]\nname = 'Other'\ndomains = ['globex.test']",
         "6: organisations[2].domains[1]: 'globex.test' belongs to another organisation"),
        ("[[organisations]]\nname = 'x'", "1: organisations[1]: needs domains or addresses"),
        (GLOBEX.replace("@Globex", "*."), '3: organisations[1].domains[1]: must be a domain such as "acme.test"'),
        (GLOBEX + "calendar = 'ofice'\n[[calendars]]\nname = 'office'\nhours = { mon = '09:00-17:00' }",
         "4: organisations[1].calendar: there is no calendar 'ofice' (did you mean 'office'?)"),
        ("[tickets]\ncategories = []\ncategory_required = true", "3: tickets.category_required: needs categories"),
        ("[tickets]\nvips = ['boss']", "2: tickets.vips[1]: must be a mail address"),
        (ORDER + "url = 'https://shop.test/o/'", "4: references[1].url: must be an address such as https://shop.acme.test/orders/{value}"),
        (ORDER + "url = 'https://{value}.test/'", "4: references[1].url: must be an address"),
        (ORDER + "url = 'javascript://x/{value}'", "4: references[1].url: must be an address"),
        (ORDER.replace("\\d{4,}", "("), "3: references[1].pattern: is no regular expression"),
        (ORDER.replace("\\d{4,}", "(a?){30}b"), "3: references[1].pattern: repeats a group that repeats or chooses"),
        (ORDER.replace("\\d{4,}", "(a|aa){30}b"), "3: references[1].pattern: repeats a group that repeats or chooses"),
        (ORDER.replace("\\d{4,}", ".*.*.*b"), "3: references[1].pattern: has more than 2 long repeats"),
        (ORDER.replace("\\d{4,}", "a?a?a?a?a?a?a?"), "3: references[1].pattern: has more than 6 repeats"),
        (ORDER.replace("\\d{4,}", "(a)\\1"), "3: references[1].pattern: refers back to a group"),
    ],
)  # fmt: skip
def test_a_slip_about_customers_is_named(problems: Problems, more: str, found: str) -> None:
    assert [problem.startswith(found) for problem in problems(more)] == [True], problems(more)


@pytest.mark.parametrize(
    "pattern", ["[A-F0-9]{4}(-[A-F0-9]{4}){3}", "(?i)(?:inv|re)-?\\d{4,10}", "#(\\d+)", "(?P<key>[A-Z]{2}[+*?]\\?)"]
)
def test_patterns_that_people_write_are_fine(config: Build, pattern: str) -> None:
    assert len(config(f"[[references]]\nname = 'x'\npattern = '{pattern}'").links) == 1


def test_a_domain_of_everybody_is_a_warning(warnings: Callable[..., list[str]]) -> None:
    (found,) = warnings(GLOBEX.replace("@Globex.test", "gmail.com"))

    assert found.startswith("3: organisations[1].domains[1]: everybody can have an address at gmail.com")
