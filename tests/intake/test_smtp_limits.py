"""Deadlines, caps and throttle as pure arithmetic (RELIABILITY C8, A16)."""

from ipaddress import ip_network

import pytest

from maild.intake import smtp_replies as replies
from maild.intake.smtp_caps import ConnectionCaps, LoginThrottle, Peer, identify
from maild.intake.smtp_credentials import Credentials, decode_text, plain_credentials
from maild.intake.smtp_deadlines import Deadlines
from maild.intake.smtp_settings import SmtpSettings
from maild.intake.smtp_weigh import hops

SETTINGS = SmtpSettings()


@pytest.mark.parametrize(
    ("now", "mails", "deadline"),
    [(1000, 0, 1060), (1050, 0, 1060), (1050, 1, 1170), (1800, 5, 1900)],
    ids=["first mail", "noop does not help", "idle", "session"],
)
def test_a_command_must_come_before_the_nearest_deadline(now: float, mails: int, deadline: float) -> None:
    assert Deadlines(1000, SETTINGS).for_command(now, mails) == deadline


@pytest.mark.parametrize(
    ("now", "arrived", "deadline"),
    [(1100, 0, 1130), (1129, 15_000, 1130), (1129, 20_000, 1140), (1110, 10**9, 1230), (1890, 10**9, 1900)],
    ids=["grace", "500 B/s at 30 s", "earned time", "silence", "session"],
)
def test_a_mail_must_come_at_500_bytes_a_second(now: float, arrived: int, deadline: float) -> None:
    assert Deadlines(1000, SETTINGS).for_data(now, data_began=1100, arrived=arrived) == deadline


def test_the_cap_per_peer_counts_ipv6_by_64_and_spares_trusted_peers_and_unix_sockets() -> None:
    settings = SmtpSettings(max_connections=10, max_connections_per_peer=2, trusted_peers=(ip_network("192.0.2.0/24"),))
    caps = ConnectionCaps(settings)
    names = ["2001:db8::1", "2001:db8::2", "2001:db8::3", "192.0.2.1", "192.0.2.1", "192.0.2.1", "", "", ""]

    found = [caps.enter(identify((name, 25) if name else "", settings)) for name in names]

    assert found == [None, None, replies.TOO_MANY_FROM_YOU, None, None, None, None, None, None]


def test_the_cap_in_all_holds_for_everybody_and_places_become_free() -> None:
    caps = ConnectionCaps(SmtpSettings(max_connections=1))
    peer = Peer("192.0.2.1", "192.0.2.1", trusted=True)

    caps.enter(peer)
    refused = caps.enter(peer)
    caps.leave(peer)

    assert refused == replies.TOO_MANY_CONNECTIONS
    assert caps.enter(peer) is None and dict(caps.per_peer) == {"192.0.2.1": 1}


@pytest.mark.parametrize(
    ("name", "trusted"), [("::ffff:10.0.0.7", True), ("10.0.0.7", True), ("10.0.1.7", False), ("fe80::1%eth0", False)]
)
def test_mapped_addresses_are_the_ipv4_ones(name: str, trusted: bool) -> None:
    peer = identify((name, 25, 0, 0), SmtpSettings(trusted_peers=(ip_network("10.0.0.0/24"),)))

    assert peer.trusted is trusted and "%" not in peer.name and "ffff" not in peer.name


def test_a_guesser_waits_longer_each_time_until_a_right_password() -> None:
    throttle = LoginThrottle()

    throttle.punish("x", 0)
    throttle.punish("x", 10)

    assert throttle.is_waiting("x", 29) and not throttle.is_waiting("x", 31) and not throttle.is_waiting("y", 0)
    throttle.forgive("x")
    assert not throttle.is_waiting("x", 11)


def test_the_throttle_forgets_old_peers_instead_of_growing() -> None:
    throttle = LoginThrottle(max_peers=3)
    for number in range(10):
        throttle.punish(str(number), 0)

    assert [peer for peer in map(str, range(10)) if throttle.is_waiting(peer, 1)] == ["7", "8", "9"]


def test_credentials_name_one_person_and_hide_the_password() -> None:
    assert plain_credentials("\0alice\0secret") == Credentials("alice", "secret")
    assert plain_credentials("alice\0alice\0secret") == Credentials("alice", "secret")
    assert "secret" not in repr(plain_credentials("\0alice\0secret"))


@pytest.mark.parametrize("text", [None, "", "alice", "\0alice\0", "bob\0alice\0secret", "\0alice\0sec\0ret"])
def test_credentials_of_another_form_are_unreadable(text: str | None) -> None:
    assert plain_credentials(text) is None


@pytest.mark.parametrize(("line", "text"), [(b"=", ""), (b"YQ==", "a"), (b"Y", None), (b"!!", None), (b"/w==", None)])
def test_base64_is_strict(line: bytes, text: str | None) -> None:
    assert decode_text(line) == text


def test_hops_are_received_fields_of_the_header_alone() -> None:
    header = b"Received: a\r\n  folded\r\nreceived : b\r\nX-Received: c\r\nSubject: Received: d\r\n"

    assert hops(header + b"\r\nReceived: in the body\r\n") == 2
