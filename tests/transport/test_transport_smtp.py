"""Each failure of a relay is told apart by its phase, and no byte leaves that could be read in two ways."""

import ssl
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from relay_certificate import certificate
from relay_scripted import CLOSE, SILENT, ScriptedRelay

from maild.errors import AmbiguousError, MaildError, PermanentError, RelayError, TransientError
from maild.mail.model import Mailbox
from maild.outbox.compose import compose
from maild.outbox.outgoing import Outgoing
from maild.outbox.transport import Transport
from maild.transport import TransportOptions, open_transport

OPTIONS = TransportOptions(timeout=5, after_dot=5, helo="desk.test")
CONTENT = b"Subject: x\r\n\r\nHello\r\n"
SENDER, RECIPIENT = "bounces@acme.test", "mira@shop.test"
PIPELINING = "250-relay.test\r\n250-PIPELINING\r\n250 SIZE 10000000"
Trusted = tuple[Path, ssl.SSLContext]


class Dots:
    """Counts the calls before the dot."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


@pytest.fixture(scope="session")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Trusted:
    return certificate(tmp_path_factory.mktemp("ca"))


def send(transport: Transport, content: bytes = CONTENT, to: str = RECIPIENT) -> str:
    return transport.send(SENDER, to, content, Dots())


def failure(script: dict[str, str | bytes | list[str | bytes]], options: TransportOptions = OPTIONS) -> MaildError:
    with ScriptedRelay(script) as relay:
        transport = open_transport(relay.url(), options)
        with pytest.raises(MaildError) as caught:
            send(transport)
        transport.close()
    return caught.value


def test_a_mail_is_handed_over_and_the_last_answer_comes_back() -> None:
    with ScriptedRelay() as relay:
        transport, dots = open_transport(relay.url(), OPTIONS), Dots()

        answer = transport.send(SENDER, RECIPIENT, CONTENT, dots)
        transport.close()

    assert answer == "250 2.0.0 queued as ABC123"
    assert relay.contents == [CONTENT + b".\r\n"]
    assert dots.count == 1
    assert relay.commands == [
        "ehlo desk.test", f"MAIL FROM:<{SENDER}> SIZE={len(CONTENT)}", f"RCPT TO:<{RECIPIENT}>", "DATA", "quit",
    ]  # fmt: skip


def test_the_null_sender_is_an_empty_path() -> None:
    with ScriptedRelay() as relay:
        transport = open_transport(relay.url(), OPTIONS)
        transport.send("", RECIPIENT, CONTENT, Dots())
        transport.close()

    assert relay.commands[1].startswith("MAIL FROM:<>")


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        pytest.param({"banner": "421 busy"}, RelayError, id="421-banner"),
        pytest.param({"banner": "554 no"}, RelayError, id="5xx-banner"),
        pytest.param({"banner": CLOSE}, RelayError, id="closed-at-banner"),
        pytest.param({"banner": b"421 4."}, RelayError, id="partial-421"),
        pytest.param({"banner": b"x" * 20000}, RelayError, id="endless-banner"),
        pytest.param({"EHLO": CLOSE}, RelayError, id="closed-at-ehlo"),
        pytest.param({"EHLO": "500 no", "HELO": "500 no"}, RelayError, id="no-hello"),
        pytest.param({"MAIL": CLOSE}, RelayError, id="closed-at-mail"),
        pytest.param({"MAIL": "421 4.3.2 going down"}, RelayError, id="421-mail"),
        pytest.param({"MAIL": "530 5.7.0 log in first"}, RelayError, id="login-wanted"),
        pytest.param({"MAIL": "451 4.3.0 later"}, TransientError, id="4xx-mail"),
        pytest.param({"MAIL": "552 5.3.4 too big"}, PermanentError, id="5xx-mail"),
        pytest.param({"RCPT": "450 4.2.0 greylisted"}, TransientError, id="4xx-rcpt"),
        pytest.param({"RCPT": "550 5.1.1 unknown"}, PermanentError, id="5xx-rcpt"),
        pytest.param({"RCPT": CLOSE}, TransientError, id="closed-at-rcpt"),
        pytest.param({"RCPT": "421 4.7.0 enough"}, RelayError, id="421-rcpt"),
        pytest.param({"RCPT": b"421 4."}, RelayError, id="partial-421-rcpt"),
        pytest.param({"RCPT": b"garbage\r\n"}, RelayError, id="garbage-rcpt"),
        pytest.param({"DATA": "451 4.3.0 later"}, TransientError, id="4xx-data"),
        pytest.param({"DATA": "554 5.5.1 no"}, PermanentError, id="5xx-data"),
        pytest.param({"DATA": "250 what"}, RelayError, id="2xx-data"),
        pytest.param({"DATA": CLOSE}, TransientError, id="closed-at-data"),
        pytest.param({"dot": "451 4.3.0 later"}, TransientError, id="4xx-dot"),
        pytest.param({"dot": "554 5.7.1 spam"}, PermanentError, id="5xx-dot"),
        pytest.param({"dot": "421 4.3.2 down"}, RelayError, id="421-dot"),
        pytest.param({"dot": CLOSE}, AmbiguousError, id="closed-after-dot"),
        pytest.param({"dot": b"25"}, AmbiguousError, id="half-an-answer"),
        pytest.param({"dot": b"250-queued"}, AmbiguousError, id="first-line-of-an-answer"),
        pytest.param({"dot": b"354 more\r\n"}, AmbiguousError, id="354-after-dot"),
        pytest.param({"dot": b"2" * 20000}, AmbiguousError, id="endless-answer"),
    ],
)
@pytest.mark.parametrize("hello", ["250-relay.test\r\n250 8BITMIME", PIPELINING])
def test_a_failure_says_by_its_phase_whether_to_try_again(
    script: dict[str, str | bytes | list[str | bytes]], kind: type[MaildError], hello: str
) -> None:
    error = failure({"EHLO": hello} | script)

    assert type(error) is kind
    assert str(error).isprintable()


@pytest.mark.parametrize(("phase", "kind"), [("banner", RelayError), ("RCPT", TransientError), ("dot", AmbiguousError)])
def test_a_silent_relay_is_given_up_after_the_wait_of_its_phase(phase: str, kind: type[MaildError]) -> None:
    assert type(failure({phase: SILENT}, replace(OPTIONS, timeout=0.3, after_dot=0.3))) is kind


def test_the_wait_after_the_dot_is_a_longer_one() -> None:
    assert TransportOptions().timeout == 30
    assert TransportOptions().after_dot == 600


def test_a_connection_that_breaks_inside_the_content_lost_the_mail_for_sure() -> None:
    with ScriptedRelay({"content": CLOSE}) as relay:
        transport, dots = open_transport(relay.url(), OPTIONS), Dots()

        with pytest.raises(TransientError) as caught:
            transport.send(SENDER, RECIPIENT, b"x\r\n" * 5_000_000, dots)

    assert type(caught.value) is TransientError
    assert dots.count == 0


def test_no_relay_there_is_the_relays_failure() -> None:
    with ScriptedRelay() as relay:
        url = relay.url()

    with pytest.raises(RelayError, match="refused"):
        send(open_transport(url, OPTIONS))


def test_the_mark_before_the_dot_is_made_when_the_relay_wants_the_content_and_has_no_dot_yet() -> None:
    with ScriptedRelay() as relay:
        transport = open_transport(relay.url(), OPTIONS)

        def marked() -> None:
            assert "DATA" in relay.commands
            assert not relay.at_dot.is_set()

        transport.send(SENDER, RECIPIENT, CONTENT, marked)
        transport.close()

    assert len(relay.contents) == 1


def test_a_mark_that_cannot_be_made_keeps_the_mail_here() -> None:
    def cannot() -> None:
        raise TransientError("the database is away")

    with ScriptedRelay() as relay:
        transport = open_transport(relay.url(), OPTIONS)
        with pytest.raises(TransientError, match="database"):
            transport.send(SENDER, RECIPIENT, CONTENT, cannot)
        send(transport)
        transport.close()

    assert len(relay.contents) == 1
    assert relay.connections == 2


def test_the_connection_is_kept_between_mails_and_asked_only_after_a_rest_whether_it_lives() -> None:
    moments = iter([0.0, 1.0, 2.0, 9.0, 10.0])
    with ScriptedRelay() as relay:
        transport = open_transport(relay.url(), replace(OPTIONS, monotonic=lambda: next(moments)))
        for _ in range(3):
            send(transport)
        transport.close()

    assert relay.connections == 1
    assert [line.split()[0] for line in relay.commands] == [
        "ehlo", "MAIL", "RCPT", "DATA", "MAIL", "RCPT", "DATA", "RSET", "MAIL", "RCPT", "DATA", "quit",
    ]  # fmt: skip


def test_a_refused_recipient_leaves_the_connection_to_the_next_mail() -> None:
    with ScriptedRelay({"RCPT": ["550 5.1.1 unknown"]}) as relay:
        transport = open_transport(relay.url(), OPTIONS)
        with pytest.raises(PermanentError):
            send(transport)
        send(transport)
        transport.close()

    assert relay.connections == 1
    assert len(relay.contents) == 1


def test_a_kept_connection_that_died_in_a_rest_is_replaced_unseen() -> None:
    moments = iter([0.0, 30.0, 31.0])
    with ScriptedRelay({"RSET": [CLOSE]}) as relay:
        transport = open_transport(relay.url(), replace(OPTIONS, monotonic=lambda: next(moments)))
        send(transport)
        send(transport)
        transport.close()

    assert relay.connections == 2
    assert len(relay.contents) == 2


@pytest.mark.parametrize("end", [CLOSE, "421 4.4.2 idle for too long", "421 4.7.0 enough mails on this connection"])
@pytest.mark.parametrize("hello", ["250-r\r\n250 SIZE", PIPELINING])
def test_a_kept_connection_that_ends_at_mail_is_replaced_unseen(end: str, hello: str) -> None:
    with ScriptedRelay({"EHLO": hello, "MAIL": ["250 ok", end]}) as relay:
        transport, dots = open_transport(relay.url(), OPTIONS), Dots()
        send(transport)
        transport.send(SENDER, RECIPIENT, CONTENT, dots)
        transport.close()

    assert relay.connections == 2
    assert len(relay.contents) == 2
    assert dots.count == 1


def test_a_fresh_connection_that_ends_at_mail_is_not_tried_again() -> None:
    with ScriptedRelay({"MAIL": ["250 ok", CLOSE, CLOSE]}) as relay:
        transport = open_transport(relay.url(), OPTIONS)
        send(transport)
        with pytest.raises(RelayError):
            send(transport)
        transport.close()

    assert relay.connections == 2
    assert len(relay.contents) == 1


def test_a_connection_serves_so_many_mails_and_rests_so_long() -> None:
    moments = iter([0.0, 1.0, 2.0, 100.0, 101.0])
    options = replace(OPTIONS, mails_per_connection=2, idle=60, monotonic=lambda: next(moments))
    with ScriptedRelay() as relay:
        transport = open_transport(relay.url(), options)
        for _ in range(3):
            send(transport)
        transport.close()

    assert relay.connections == 2  # the second mail came at once, the third 98 seconds later


def test_an_unanswered_dot_ends_the_connection() -> None:
    with ScriptedRelay({"dot": [CLOSE]}) as relay:
        transport = open_transport(relay.url(), OPTIONS)
        with pytest.raises(AmbiguousError):
            send(transport)
        assert send(transport).startswith("250")
        transport.close()

    assert relay.connections == 2


def test_early_dots_are_doubled_and_arrive_once() -> None:
    content = b".start\r\n..\r\n.\r\nMAIL FROM:<evil@x.test>\r\nend."

    with ScriptedRelay() as relay:
        transport = open_transport(relay.url(), OPTIONS)
        send(transport, content)
        transport.close()

    assert relay.contents == [b"..start\r\n...\r\n..\r\nMAIL FROM:<evil@x.test>\r\nend.\r\n.\r\n"]
    assert [line for line in relay.commands if "evil" in line] == []


@pytest.mark.parametrize(
    "end", ["\n.\n", "\r.\r", "\n.\r\n", "\r\n.\n", "\r\n.\r", "\r.\r\n", "\r\r\n.\r\r\n", "\n\r.\n\r"]
)
def test_bare_line_ends_never_reach_the_wire(end: str) -> None:
    with ScriptedRelay() as relay:
        transport = open_transport(relay.url(), OPTIONS)
        with pytest.raises(PermanentError, match="bare CR or LF"):
            send(transport, f"Subject: x\r\n\r\na{end}MAIL FROM:<>\r\n".encode())
        transport.close()

    assert relay.connections == 0


ENDS = [
    "\n.\n",
    "\r.\r",
    "\n.\r\n",
    "\r\n.\n",
    "\r\n.\r",
    "\r.\r\n",
    "\r\r\n.\r\r\n",
    "\r\n.\r\n",
    "\0\r\n.\r\n",
    "\u2028.\u2028",
    "\x85.\x85",
]


@pytest.mark.parametrize("end", ENDS)
def test_a_customers_text_with_an_end_of_mail_in_it_stays_one_mail(end: str) -> None:
    text = f"before{end}MAIL FROM:<evil@x.test>\r\nRCPT TO:<v@x.test>\r\nDATA\r\nSubject: smuggled\r\n\r\nhi{end}"
    mail = Outgoing(
        sender=Mailbox("support@acme.test", text),
        to=(Mailbox(RECIPIENT, text),),
        cc=(),
        reply_to=None,
        subject=text,
        date=datetime(2026, 11, 21, tzinfo=UTC),
        message_id="<a@acme.test>",
        in_reply_to=(),
        references=(),
        auto_submitted=None,
        text=text,
        html=text,
        headers=(("X-Maild-Ticket", text),),
    )

    with ScriptedRelay() as relay:
        transport = open_transport(relay.url(), OPTIONS)
        send(transport, compose(mail))
        transport.close()

    (raw,) = relay.contents
    assert raw.count(b"\r") == raw.count(b"\n") == raw.count(b"\r\n")
    assert raw.count(b"\r\n.\r\n") == 1
    assert [line.split()[0] for line in relay.commands] == ["ehlo", "MAIL", "RCPT", "DATA", "quit"]


@pytest.mark.parametrize(
    "address", ["a@b\r\nRCPT TO:<evil@x.test>", "a\n@b", "nobody", "a@b c", "<a@b>", "a@b> SIZE=1"]
)
def test_an_address_cannot_carry_a_command(address: str) -> None:
    with ScriptedRelay() as relay:
        transport = open_transport(relay.url(), OPTIONS)
        with pytest.raises(PermanentError):
            send(transport, to=address)
        transport.close()

    assert [line for line in relay.commands if "evil" in line or "SIZE=1" in line.split()] == []
    assert relay.contents == []


def test_a_domain_of_another_script_goes_out_in_its_ascii_form() -> None:
    with ScriptedRelay() as relay:
        transport = open_transport(relay.url(), OPTIONS)
        send(transport, to="mira@bücher.example")
        transport.close()

    assert "RCPT TO:<mira@xn--bcher-kva.example>" in relay.commands


def test_an_address_that_needs_smtputf8_fails_for_good_where_the_relay_lacks_it() -> None:
    with ScriptedRelay() as relay:
        transport = open_transport(relay.url(), OPTIONS)
        with pytest.raises(PermanentError, match="SMTPUTF8"):
            send(transport, to="jürgen@shop.test")
        transport.close()


def test_an_address_that_needs_smtputf8_goes_where_the_relay_has_it() -> None:
    with ScriptedRelay({"EHLO": "250-relay.test\r\n250-8BITMIME\r\n250 SMTPUTF8"}) as relay:
        transport = open_transport(relay.url(), OPTIONS)
        send(transport, to="jürgen@shop.test")
        send(transport)
        transport.close()

    mails = [line for line in relay.commands if line.startswith("MAIL")]
    assert "RCPT TO:<jürgen@shop.test>" in relay.commands
    assert mails == [f"MAIL FROM:<{SENDER}> SMTPUTF8", f"MAIL FROM:<{SENDER}>"]


def test_mail_waits_when_starttls_is_wanted_and_not_offered() -> None:
    with (
        ScriptedRelay() as relay,
        pytest.raises(RelayError, match="does not offer STARTTLS"),
    ):
        send(open_transport(relay.url("smtp+starttls", "desk:secret@"), OPTIONS))

    assert not [line for line in relay.commands if line.upper().startswith(("AUTH", "MAIL"))]


@pytest.mark.parametrize("answer", ["454 4.7.0 not now", "220 go on"])
def test_mail_waits_when_starttls_fails(answer: str, trusted: Trusted) -> None:
    wrong = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)  # has no certificate: no handshake succeeds
    with (
        ScriptedRelay({"EHLO": "250-r\r\n250 STARTTLS", "STARTTLS": answer}, tls=wrong) as relay,
        pytest.raises(RelayError),
    ):
        send(open_transport(relay.url("smtp+starttls"), replace(OPTIONS, ca_file=trusted[0])))

    assert not [line for line in relay.commands if line.startswith("MAIL")]


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_mail_leaves_protected_to_a_relay_whose_certificate_is_trusted(scheme: str, trusted: Trusted) -> None:
    script = {"EHLO": "250-r\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN"}
    with ScriptedRelay(dict(script), tls=trusted[1], tls_at_once=scheme == "smtps") as relay:
        transport = open_transport(relay.url(scheme, "desk:geheim%40%C3%BC@"), replace(OPTIONS, ca_file=trusted[0]))
        send(transport)
        transport.close()

    assert len(relay.contents) == 1
    assert "AUTH PLAIN AGRlc2sAZ2VoZWltQMO8" in relay.commands


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
@pytest.mark.parametrize("name", ["127.0.0.1", "other.test"])
def test_an_untrusted_or_foreign_certificate_stops_everything(
    scheme: str, name: str, trusted: Trusted, tmp_path: Path
) -> None:
    own, context = certificate(tmp_path, name)
    authority = own if name == "other.test" else trusted[0]
    with (
        ScriptedRelay({"EHLO": "250-r\r\n250 STARTTLS"}, tls=context, tls_at_once=scheme == "smtps") as relay,
        pytest.raises(RelayError, match="certificate refused"),
    ):
        send(open_transport(relay.url(scheme, "desk:secret@"), replace(OPTIONS, ca_file=authority)))

    assert not [line for line in relay.commands if line.startswith(("AUTH", "MAIL"))]


def test_what_was_said_before_starttls_is_forgotten(trusted: Trusted) -> None:
    script: dict[str, str | bytes | list[str | bytes]] = {
        "EHLO": ["250-r\r\n250-STARTTLS\r\n250 SMTPUTF8", "250-r\r\n250 8BITMIME"],
        "STARTTLS": "220 go on\r\n250-injected\r\n250 SMTPUTF8",
    }
    with ScriptedRelay(script, tls=trusted[1]) as relay:
        transport = open_transport(relay.url("smtp+starttls"), replace(OPTIONS, ca_file=trusted[0]))
        with pytest.raises(MaildError):
            send(transport, to="jürgen@shop.test")
        transport.close()

    assert relay.contents == []


@pytest.mark.parametrize("method", ["PLAIN", "LOGIN"])
def test_a_refused_password_is_the_relays_failure_and_never_shown(method: str) -> None:
    echo = "535 5.7.8 no: s3cret czNjcmV0 AGRlc2sAczNjcmV0"
    script: dict[str, str | bytes | list[str | bytes]] = {"EHLO": f"250-r\r\n250 AUTH {method}", "AUTH": echo}
    if method == "LOGIN":
        script |= {
            "AUTH": "334 VXNlcm5hbWU6",
            "DESK": "334 x",
            "ZGVZAW==": "334 x",
            "ZGVZAW": "334 x",
            "CZNJCMV0": echo,
        }
    with ScriptedRelay(script) as relay:
        transport = open_transport(relay.url(login="desk:s3cret@"), OPTIONS)
        with pytest.raises(RelayError, match="user name or password refused") as caught:
            send(transport)
        shown = f"{caught.value} {transport!r}"

    assert "s3cret" not in shown
    assert "czNjcmV0" not in shown
    assert "AGRlc2sAczNjcmV0" not in shown


def test_a_relay_without_login_is_told_apart() -> None:
    with (
        ScriptedRelay() as relay,
        pytest.raises(RelayError, match="neither AUTH PLAIN nor AUTH LOGIN"),
    ):
        send(open_transport(relay.url(login="desk:secret@"), OPTIONS))


def test_closing_never_raises_even_when_the_relay_is_gone() -> None:
    with ScriptedRelay({"QUIT": CLOSE}) as relay:
        transport = open_transport(relay.url(), OPTIONS)
        send(transport)
        transport.close()
        transport.close()

    assert relay.connections == 1
