"""Tables that are right by themselves, but don't fit together."""

from collections.abc import Callable
from pathlib import Path

import pytest

from maild.config import load_text

AGENT = "[[agents]]\nname = 'alice'\nemail = 'alice@acme.test'\nteams = 'first-line'\n"
TWO_STATUSES = "[[statuses]]\nname = 'open'\nphase = 'active'\n[[statuses]]\nname = 'closed'\nphase = 'closed'\n"
PRIORITIES = "[tickets]\npriorities = ['p1', 'P1']\ndefault_priority = 'p1'"
UNKNOWN_WORDS = (
    "[tickets]\ncategories = ['billing']\n"
    "[[inboxes]]\naddresses = 'a@acme.test'\ncategory = 'biling'\npriority = 'hihg'"
)
WRONG_STEP = TWO_STATUSES.replace("'active'\n", "'active'\nnext = ['clsed']\n")
SAME_WORD = TWO_STATUSES.replace("'closed'\nphase", "'Shut'\nphase").replace(
    "'active'\n", "'active'\naliases = ['shut']\n"
)
IMAP = "[[imap]]\nhost = 'h'\nusername = 'u'\n"


@pytest.mark.parametrize(
    ("more", "found"),
    [
        (AGENT + "[[agents]]\nname = 'bob'\nemail = 'b@x.test'\naddresses = ['B@x.test', 'Alice@acme.test']",
         ["8: agents[2].addresses[1]: 'B@x.test' stands already among the agents' addresses",
          "8: agents[2].addresses[2]: 'Alice@acme.test' stands already among the agents' addresses"]),
        ("[[inboxes]]\naddresses = 'a@acme.test'\n[[inboxes]]\naddresses = ['b@acme.test',\n'A@acme.test']",
         ["5: inboxes[2].addresses[2]: 'A@acme.test' belongs to another inbox, or stands here twice"]),
        (AGENT + "[[inboxes]]\naddresses = 'a@acme.test'\nteam = 'fisrt-line'",
         ["7: inboxes[1].team: no agent is in team 'fisrt-line' (did you mean 'first-line'?)"]),
        ("[tickets]\npriorities = ['p1', 'p2']\ndefault_priority = 'p3'",
         ["3: tickets.default_priority: 'p3' is no priority of [tickets] (known here: p1, p2)"]),
        (PRIORITIES, ["2: tickets.priorities[2]: 'P1' stands twice"]),
        (UNKNOWN_WORDS,
         ["5: inboxes[1].category: 'biling' is no category of [tickets] (did you mean 'billing'?)",
          "6: inboxes[1].priority: 'hihg' is no priority of [tickets] (did you mean 'high'?)"]),
        ("[[keywords]]\nwords = 'x'", ["1: keywords[1]: sets nothing; give it a priority, category, team or tags"]),
        (WRONG_STEP,
         ["4: statuses[1].next[1]: there is no status 'clsed' (did you mean 'closed'?)"]),
        (SAME_WORD,
         ["6: statuses[2].name: 'Shut' is the name or alias of another status"]),
        ("[[statuses]]\nname = 'done'\nphase = 'resolved'",
         ["1: statuses: no status has phase 'active'; one must", "1: statuses: no status has phase 'closed'; one must",
          "3: statuses[1].phase: a new ticket starts in the first status; its phase must be new or active"]),
        ("[smtp]\ntls_key = 'gone'",
         ["2: smtp.tls_key: needs tls_certificate beside it", "2: smtp.tls_key: there is no file "]),
        ("[smtp]\nauth = true\nimplicit_tls_listen = '[::]:465'",
         ["2: smtp.auth: needs tls_certificate and tls_key",
          "3: smtp.implicit_tls_listen: needs tls_certificate and tls_key"]),
        (IMAP, ["1: imap[1]: needs a password (or password_file), or oauth"]),
        (IMAP + "password = 'x'\nafter = 'move'\naddress = 'a@b.test'\n" + IMAP + "password = 'x'\nmove_to = 'x'",
         ["5: imap[1].after: after = \"move\" and move_to go together",
          "6: imap[1].address: is neither desk.address nor an address of [[inboxes]]",
          "7: imap[2]: 'u@h/INBOX' is polled already",
          "11: imap[2].move_to: after = \"move\" and move_to go together"]),
        (IMAP + "password = 'x'\noauth = { token_url = 't', client_id = 'c' }",
         ["5: imap[1].oauth: stands beside a password; remove one of them",
          "5: imap[1].oauth: needs a refresh_token, or a client_secret for client credentials"]),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_named_at_its_line(
    problems: Callable[..., list[str]], more: str, found: list[str]
) -> None:
    given = problems(more)

    assert len(given) == len(found), given
    assert [problem.startswith(start) for problem, start in zip(given, found, strict=True)] == [True] * len(found), (
        given
    )


def test_the_first_wait_must_fit_before_giving_up() -> None:
    text = (
        '[desk]\nname = "x"\naddress = "a@b.test"\n[delivery]\nurl = "null:"\nretry = "1h 30m"\ngive_up_after = "1h"\n'
    )

    with pytest.raises(Exception, match=r"7: delivery\.give_up_after: must be longer than the first wait .*\(1h 30m\)"):
        load_text(text)


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("[authentication]\nagents_need = 'address'", "2: authentication.agents_need: with \"address\" anybody"),
        (IMAP + "password = 'x'\nsecurity = 'none'", "5: imap[1].security: the password travels in the clear"),
        ("[smtp]\nauth = true\nrequire_tls_for_auth = false\n" + AGENT + "password = 'x'",
         "3: smtp.require_tls_for_auth: agents' passwords may travel in the clear"),
        (TWO_STATUSES + "[tickets]\nclose_resolved_after = '7d'", "8: tickets.close_resolved_after: does nothing"),
    ],
)  # fmt: skip
def test_what_is_allowed_but_unwise_is_a_warning(warnings: Callable[..., list[str]], more: str, found: str) -> None:
    assert [warning.startswith(found) for warning in warnings(more)] == [True], warnings(more)


def test_auth_that_nobody_can_use_is_a_warning(warnings: Callable[..., list[str]], tmp_path: Path) -> None:
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).touch()

    found = warnings("[smtp]\ntls_certificate = 'cert.pem'\ntls_key = 'key.pem'\nauth = true\n" + AGENT)

    assert found == ["4: smtp.auth: no agent has a password"]


def test_a_folder_that_is_missing_is_named(problems: Callable[..., list[str]], tmp_path: Path) -> None:
    found = problems("", MAILD_DESK__TEMPLATES_DIR="gone", MAILD_DELIVERY__CA_FILE="gone.pem")

    assert [each.split(": ", 1)[1] for each in found] == [
        f"delivery.ca_file: there is no file {tmp_path}/gone.pem",
        f"desk.templates_dir: there is no folder {tmp_path}/gone",
    ]


def test_a_desk_without_a_relay_is_warned_that_mails_go_nowhere() -> None:
    config = load_text('[desk]\nname = "x"\naddress = "a@b.test"\n')

    assert [warning.split(": ")[1] for warning in config.warnings] == ["delivery.url"]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_a_mailbox_on_this_host_may_do_without_tls(warnings: Callable[..., list[str]], host: str) -> None:
    assert warnings(f"[[imap]]\nhost = '{host}'\nusername = 'u'\npassword = 'x'\nsecurity = 'none'") == []
