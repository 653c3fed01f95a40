"""docs/commands.md says what the commands say of themselves."""

from maild.commands import COMMANDS
from tests.commands.page import GROUPS, PAGE, page


def test_the_page_of_commands_is_up_to_date() -> None:
    assert PAGE.read_text() == page(), "python -m tests.commands.page writes it anew"


def test_every_command_stands_on_the_page_once() -> None:
    assert sorted(name for _, names in GROUPS for name in names) == sorted(each.name for each in COMMANDS)


def test_what_is_said_of_a_command_can_be_understood_by_itself() -> None:
    for each in COMMANDS:
        assert each.usage.startswith(f"#{each.name}")
        assert each.summary[0].isupper()
        assert each.summary.endswith(".")
        assert len(each.summary) < 130
