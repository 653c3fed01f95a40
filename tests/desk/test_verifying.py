"""maild checks the DKIM signatures of its agents' mails itself (SPEC ID-3, RELIABILITY A8, DEPENDENCIES 4)."""

import base64
import smtplib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import dkim
import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from maild.config import Config, checks_edges, load_text
from maild.daemon import Daemon
from maild.desk.lookup import DnsLookup, Lookup, RememberingLookup
from maild.desk.verifier import Verifier
from maild.errors import ConfigError, TransientError
from maild.mail.authentication import CheckedHere
from maild.parts import dkim_checks
from maild.store import Tx, inbound, meta
from tests.attacks.signing import NAMES, Key, Zone, rsa_key, signed, zone
from tests.desk_driver import CONFIG, DeskDriver, written
from tests.servers.product import eventually

ALICE = "alice@acme.test"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEY_NAME = "s1._domainkey.acme.test"
RELAXED, STRICT = b"v=DMARC1; p=reject", b"v=DMARC1; p=reject; adkim=s"


def mail(author: str = ALICE, body: str = "#close\n", headers: str = "") -> bytes:
    return written(author=author, subject="[TICK-1001] x", body=body, headers=headers)


def checked(source: bytes, lookup: Lookup, address: str = ALICE, now: datetime = NOW) -> CheckedHere:
    return Verifier(lookup).check(address, source, now)


def record(lookup: Zone, change: bytes, by: bytes) -> Zone:
    lookup.records[KEY_NAME] = [lookup.records[KEY_NAME][0].replace(change, by)]
    return lookup


@pytest.mark.parametrize("form", ["relaxed/relaxed", "relaxed/simple", "simple/simple", "simple/relaxed", "simple"])
@pytest.mark.parametrize("body", ["#close\n", "", "\n\n", "a  b \t\n \n\n", "no line end", "ünï\t code\n\n\n"])
def test_a_signature_of_froms_own_domain_is_proof_in_every_form(form: str, body: str) -> None:
    found = checked(signed(mail(body=body), form=form), zone())

    assert (found.result, found.words) == ("pass", "checked here: dkim=pass for acme.test")
    assert found.address == ALICE


def test_what_dkimpy_signs_by_itself_is_proof() -> None:
    source = mail()
    header = dkim.sign(source, b"s1", b"acme.test", rsa_key().pem)

    assert checked(header + source, zone()).result == "pass"


def test_lines_that_end_in_lf_alone_are_the_same_mail() -> None:
    assert checked(signed(mail()).replace(b"\r\n", b"\n"), zone()).result == "pass"


@pytest.mark.parametrize(
    ("signer", "author", "policies", "result"),
    [
        ("mail.acme.test", "acme.test", (("_dmarc.acme.test", RELAXED),), "pass"),
        ("acme.test", "mail.acme.test", (("_dmarc.acme.test", RELAXED),), "pass"),
        ("acme.test", "mail.acme.test", (("_dmarc.mail.acme.test", RELAXED),), "pass"),
        ("mail.acme.test", "acme.test", (), "fail"),
        ("mail.acme.test", "acme.test", (("_dmarc.acme.test", STRICT),), "fail"),
        ("acme.test", "mail.acme.test", (("_dmarc.mail.acme.test", STRICT), ("_dmarc.acme.test", RELAXED)), "fail"),
        ("mail.acme.test", "shop.acme.test", (("_dmarc.acme.test", RELAXED),), "fail"),
        ("evil.test", "acme.test", (("_dmarc.acme.test", RELAXED),), "fail"),
        ("test", "acme.test", (("_dmarc.acme.test", RELAXED),), "fail"),
        ("acme.test.evil.test", "acme.test", (("_dmarc.acme.test", RELAXED),), "fail"),
        ("xacme.test", "acme.test", (("_dmarc.acme.test", RELAXED),), "fail"),
        ("co.uk", "acme.co.uk", (("_dmarc.acme.co.uk", RELAXED),), "fail"),
    ],
)
def test_a_neighbours_signature_counts_only_where_dmarc_lets_it(
    signer: str, author: str, policies: tuple[tuple[str, bytes], ...], result: str
) -> None:
    address = f"alice@{author}"

    found = checked(signed(mail(author=address), signer), zone(signer, *policies), address)

    assert found.result == result


UNALIGNED_OR_WEAK = {
    "another domain": lambda: signed(mail(), "evil.test"),
    "a part of the text": lambda: signed(mail(), body_bytes=0, extra=(("l", "0"),)),
    "the whole length, but l=": lambda: signed(mail(), extra=(("l", "8"),)),
    "From unsigned": lambda: signed(mail(), names=("to", "subject", "date", "message-id")),
    "Subject unsigned": lambda: signed(mail(), names=("from", "date", "message-id")),
    "Message-ID unsigned": lambda: signed(mail(), names=("from", "date", "subject")),
    "expired": lambda: signed(mail(), extra=(("t", "1000000000"), ("x", "1000003600"))),
    "SHA-1": lambda: signed(mail(), algorithm="rsa-sha1"),
    "i= elsewhere": lambda: signed(mail(), extra=(("i", "alice@evil.test"),)),
    "q= elsewhere": lambda: signed(mail(), extra=(("q", "http"),)),
    "two From, one signed": lambda: b"From: mallory@evil.test\r\n" + signed(mail(), names=NAMES[:-1]),
    "two From, signed for one": lambda: b"From: mallory@evil.test\r\n" + signed(mail()),
    "a second Subject on top": lambda: b"Subject: [TICK-1002] y\r\n" + signed(mail()),
    "a second To on top": lambda: b"To: evil@evil.test\r\n" + signed(mail()),
    "a changed text": lambda: signed(mail()).replace(b"#close", b"#merge"),
    "a longer text": lambda: signed(mail()) + b"#assign mallory\r\n",
    "a changed subject": lambda: signed(mail()).replace(b"TICK-1001", b"TICK-1002"),
    "a doubled tag": lambda: signed(mail()).replace(b"v=1;", b"v=1; d=acme.test;", 1),
    "no signature": mail,
    "an empty signature": lambda: b"DKIM-Signature:\r\n" + mail(),
    "signed with another key": lambda: signed(mail(), key=rsa_key(1024, "mallory")),
    "a line that is no field": lambda: signed(mail()).replace(b"\r\nFrom:", b"\r\nodd line\r\nFrom:", 1),
    "a blank before the colon": lambda: signed(mail()).replace(b"\r\nFrom:", b"\r\nFrom :", 1),
    "a bare CR": lambda: signed(mail()).replace(b"\r\nFrom:", b"\r\nX: a\rb\r\nFrom:", 1),
    "a NUL": lambda: signed(mail()).replace(b"\r\nFrom:", b"\r\nX: a\0b\r\nFrom:", 1),
    "no end of the header": lambda: signed(mail(body="")).replace(b"\r\n\r\n", b"\r\n"),
}


@pytest.mark.parametrize("name", UNALIGNED_OR_WEAK)
def test_everything_less_proves_nothing(name: str) -> None:
    found = checked(UNALIGNED_OR_WEAK[name](), zone("acme.test", ("s1._domainkey.evil.test", rsa_key().record)))

    assert found.result in ("fail", "none", "permerror")
    assert "pass" not in found.words


@pytest.mark.parametrize(
    ("change", "by", "words"),
    [
        (b"v=DKIM1", b"v=DKIM2", "no DKIM1 key"),
        (b"k=rsa", b"k=rsa; t=y", "only on trial"),
        (b"k=rsa", b"k=rsa; h=sha1", "not for sha256"),
        (b"k=rsa", b"k=rsa; s=tlsrpt", "not for mail"),
        (b"k=rsa", b"k=ed25519", "another kind"),
        (b"k=rsa", b"k=rsa; k=rsa", "there is no key"),
        (b"p=", b"p=; n=", "revoked"),
        (b"p=", b"p=AAAA" + b"A" * 900, "too long"),
        (b"p=", b"x" * 3000 + b"=; p=", "there is no key"),
        (b"p=M", b"p=!", "another key"),
        (b"p=MIG", b"p=AAA", "another key"),
    ],
)
def test_a_key_that_is_not_meant_for_this_is_no_key(change: bytes, by: bytes, words: str) -> None:
    found = checked(signed(mail()), record(zone(), change, by))

    assert found.result == "fail"
    assert words in found.words


def test_a_key_with_flags_that_allow_it_counts_and_strict_identity_is_kept() -> None:
    lookup = record(zone(), b"k=rsa", b"k=rsa; s=email; h=sha1:sha256; t=s; x_new=1")

    assert checked(signed(mail(), extra=(("i", "alice@acme.test"),)), lookup).result == "pass"
    assert checked(signed(mail(), extra=(("i", "@mail.acme.test"),)), lookup).result == "fail"


def test_two_keys_at_one_name_are_none() -> None:
    lookup = zone()
    lookup.records[KEY_NAME] = [rsa_key(1024, "mallory").record, rsa_key().record]

    assert "more than one key" in checked(signed(mail()), lookup).words


@pytest.mark.parametrize(("bits", "result"), [(768, "fail"), (1024, "pass"), (2048, "pass")])
def test_a_key_below_1024_bits_is_none(bits: int, result: str) -> None:
    key = rsa_key(bits)

    assert checked(signed(mail(), key=key), zone(key=key)).result == result


def test_ed25519_counts_where_its_library_is_there() -> None:
    nacl = pytest.importorskip("nacl.signing")
    private = nacl.SigningKey.generate()
    secret, public = base64.b64encode(bytes(private)), base64.b64encode(bytes(private.verify_key))
    source = mail()
    header = dkim.sign(source, b"s1", b"acme.test", secret, signature_algorithm=b"ed25519-sha256")

    found = checked(header + source, zone(key=Key(secret, b"v=DKIM1; k=ed25519; p=" + public)))

    assert found.result == "pass"


def test_of_several_signatures_one_good_one_is_enough_and_few_are_looked_at() -> None:
    lookup = zone()
    foreign = b"".join(signed(mail(), f"list{n}.test").partition(b"\r\nFrom")[0] + b"\r\n" for n in range(3))
    junk = b"DKIM-Signature: v=1; a=rsa-sha256; d=acme.test; s=x%d; h=from:subject:date:message-id; bh=AAAA; b=AAAA\r\n"

    assert checked(foreign + signed(mail()), lookup).result == "pass"
    assert lookup.asked == [KEY_NAME]
    assert checked(b"".join(junk % n for n in range(100)) + signed(mail()), lookup).result == "fail"
    assert len(lookup.asked) == 1


def test_a_dns_that_is_silent_makes_the_mail_unproven_in_words() -> None:
    found = checked(signed(mail()), Zone(silent={KEY_NAME}))

    assert found.result == "temperror"
    assert "could not be checked: the DNS does not answer" in found.words


def test_a_signature_that_cannot_be_checked_hides_no_good_one() -> None:
    lookup = zone("acme.test", ("_dmarc.acme.test", RELAXED))
    lookup.silent = {"s1._domainkey.news.acme.test"}

    assert checked(signed(signed(mail()), "news.acme.test"), lookup).result == "pass"


@dataclass(slots=True)
class SlowZone:
    """Every answer costs two seconds of a clock that only it moves."""

    zone: Zone
    now: float = 0.0

    def txt(self, name: str, seconds: float) -> list[bytes]:
        self.now += 2.0
        if seconds < 2.0:
            raise TransientError("nobody answered in time")
        return self.zone.txt(name, seconds)


def test_one_mail_costs_three_seconds_of_dns_at_most() -> None:
    slow = SlowZone(zone("mail.acme.test", ("_dmarc.acme.test", RELAXED)))
    source = signed(mail(), "mail.acme.test")

    found = Verifier(slow, 3.0, lambda: slow.now).check(ALICE, source, NOW)

    assert found.result == "temperror"
    assert slow.now <= 4.0


def test_answers_and_failures_are_remembered_for_a_while_and_few_of_them() -> None:
    seconds = [0.0]
    asked = Zone({"a.test": [b"x"]}, {"gone.test"})
    lookup = RememberingLookup(asked, lambda: seconds[0], most=3)

    for _ in range(3):
        assert lookup.txt("a.test", 3) == [b"x"]
        assert lookup.txt("none.test", 3) == []
        with pytest.raises(TransientError):
            lookup.txt("gone.test", 3)
    assert asked.asked == ["a.test", "none.test", "gone.test"]

    seconds[0] = 30.0
    asked.silent.clear()
    assert lookup.txt("gone.test", 3) == []
    assert len(asked.asked) == 4
    seconds[0] = 601.0
    lookup.txt("a.test", 3)
    assert len(asked.asked) == 5
    for number in range(20):
        lookup.txt(f"{number}.test", 3)
    assert len(lookup._known) == 3


BOMBS = {
    "blanks in the signature": b"DKIM-Signature: v=1; b=" + b" " * 60_000 + b"!\r\n",
    "folds in the signature": b"DKIM-Signature: v=1; b=" + b"\r\n " * 20_000 + b"!\r\n",
    "many tags": b"DKIM-Signature: " + b"a=1;" * 15_000 + b"\r\n",
    "many names": b"DKIM-Signature: v=1; d=acme.test; h=from" + b":x" * 30_000 + b"\r\n",
    "many signatures": b"DKIM-Signature: v=1; d=acme.test; s=a; h=from\r\n" * 900,
    "huge numbers": b"DKIM-Signature: v=1; x=" + b"9" * 4000 + b"\r\n",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_hostile_signature_costs_little(name: str) -> None:
    started = time.perf_counter()

    found = checked(BOMBS[name] + signed(mail()), zone())

    assert found.result in ("pass", "fail", "permerror")
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("pump", ["            ", " \t", "\n", " \n", "\r", "a b"])
def test_a_hostile_text_takes_time_in_line_with_its_length(pump: str) -> None:
    source = signed(mail()) + (pump * (2_000_000 // len(pump))).encode() + b"x"
    started = time.perf_counter()

    assert checked(source, zone()).result == "fail"
    assert time.perf_counter() - started < 5


def test_no_mangled_mail_is_proven_or_stops_the_verifier() -> None:
    random, lookup = Random(11), zone()
    whole = signed(mail(body="#close now please\n"))
    for _ in range(400):
        broken = bytearray(whole)
        for _ in range(random.randint(1, 3)):
            place = random.randrange(len(broken))
            broken[place : place + random.randint(0, 2)] = random.randbytes(random.randint(1, 2))
        found = checked(bytes(broken), lookup)
        same = signed_part(bytes(broken)) == signed_part(whole)
        assert found.result != "pass" or same


def signed_part(source: bytes) -> list[bytes]:
    """What a reader of the mail goes by, in the relaxed form."""
    head, _, body = source.replace(b"\r\n", b"\n").partition(b"\n\n")
    rows = [b" ".join(row.split()) for row in head.lower().replace(b"\n ", b" ").replace(b"\n\t", b" ").split(b"\n")]
    names = (b"from:", b"to:", b"subject:", b"date:", b"message-id:")
    kept = [row.replace(b": ", b":") for row in rows if row.startswith(names)]
    return sorted(kept) + [b" ".join(row.split()) for row in body.strip(b"\n").split(b"\n")]


@contextmanager
def name_server(records: dict[str, list[bytes]]) -> Iterator[tuple[str, int]]:
    """A real server on loopback: TXT over UDP, and nothing else; `slow.test` is never answered."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                wire, peer = sock.recvfrom(4096)
            except OSError:
                return
            if not wire:
                return
            query = dns.message.from_wire(wire)
            name = query.question[0].name.to_text().rstrip(".")
            if name != "slow.test":
                sock.sendto(_answer(query, name, records).to_wire(max_size=65_535), peer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield sock.getsockname()
    finally:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", sock.getsockname())
        thread.join(timeout=5)
        sock.close()


def _answer(query: dns.message.Message, name: str, records: dict[str, list[bytes]]) -> dns.message.Message:
    answer = dns.message.make_response(query)
    answer.flags |= dns.flags.RA
    if name == "broken.test":
        answer.set_rcode(dns.rcode.SERVFAIL)
    elif name not in records:
        answer.set_rcode(dns.rcode.NXDOMAIN)
    if name == "loop.test":
        answer.answer.append(dns.rrset.from_text("loop.test.", 60, "IN", "CNAME", "loop.test."))
    for each in records.get(name, []):
        pieces = " ".join(f'"{each[at : at + 250].decode()}"' for at in range(0, len(each), 250))
        answer.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "TXT", pieces))
    return answer


def test_a_real_name_server_is_asked_over_udp() -> None:
    key = rsa_key(2048)
    with name_server({KEY_NAME: [key.record], "empty.test": []}) as place:
        lookup = DnsLookup(place)
        assert lookup.txt(KEY_NAME, 3) == [key.record]
        assert lookup.txt("missing.test", 3) == []
        assert lookup.txt("empty.test", 3) == []
        for name, seconds in (("slow.test", 0.3), ("broken.test", 1), ("a..b", 1), ("x" * 70 + ".test", 1)):
            with pytest.raises(TransientError):
                lookup.txt(name, seconds)
        assert checked(signed(mail(), key=key), RememberingLookup(lookup)).result == "pass"


def test_a_hostile_name_server_gives_a_bounded_answer_or_none() -> None:
    many, huge = [b"v=DKIM1; p=%d" % number for number in range(50)], [b"x" * 5000, b"y" * 4000]
    with name_server({"many.test": many, "huge.test": huge, "loop.test": []}) as place:
        lookup = DnsLookup(place)
        assert len(lookup.txt("many.test", 3)) == 10
        assert lookup.txt("huge.test", 3) == [b"y" * 4000]
        with suppress(TransientError):
            assert lookup.txt("loop.test", 3) == []


def test_a_name_server_that_is_not_there_is_a_failure_and_no_crash() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unused:
        unused.bind(("127.0.0.1", 0))
        place = unused.getsockname()

    assert Verifier(DnsLookup(place), 0.3).check(ALICE, signed(mail()), NOW).result == "temperror"


# --- at the desk


@pytest.fixture
def desk(tmp_path: Path, sqlite_url: str) -> Iterator[DeskDriver]:
    """Jane's ticket is open."""
    driver = DeskDriver(tmp_path, sqlite_url)
    driver.receive(written())
    driver.relay.take()
    yield driver
    driver.close()


def with_dns(desk: DeskDriver, lookup: Lookup) -> DeskDriver:
    desk.worker.checks = Verifier(lookup)
    return desk


def test_an_agents_signed_mail_acts_and_an_unsigned_one_asks(desk: DeskDriver) -> None:
    with_dns(desk, zone())

    assert desk.receive(mail(body="#priority high\n")).state == "held"
    assert desk.relay.take()[0].event == "was_this_you"
    assert desk.receive(signed(mail(body="#priority high\n"))).state == "filed"
    assert desk.ticket().priority == "high"


def test_without_the_setting_a_signature_is_only_a_claim(desk: DeskDriver) -> None:
    assert desk.worker.checks is None
    assert desk.receive(signed(mail())).state == "held"


def test_the_reason_in_the_quarantine_says_what_dkim_lacked(desk: DeskDriver) -> None:
    done = with_dns(desk, Zone()).receive(signed(mail()))

    assert "nothing proves the From address" in done.reason
    assert "there is no key at s1._domainkey.acme.test" in done.reason


def test_customers_and_proven_mails_cost_no_question(desk: DeskDriver) -> None:
    lookup = zone("acme.test", ("s1._domainkey.customer.test", rsa_key().record))
    proof = "Authentication-Results: mx.acme.test; dmarc=pass header.from=acme.test\n"
    with_dns(desk, lookup)

    desk.receive(signed(written(subject="Hi"), "customer.test"))
    desk.receive(signed(written(author="mallory@evil.test"), "acme.test"))
    desk.receive(signed(mail(headers=proof)), trusted=True)
    desk.receive(signed(mail(body="#tag x\n")), authenticated_as="alice")
    desk.receive(signed(mail(body="#tag y\n")), quiet=True)

    assert lookup.asked == []


def test_a_signed_reply_address_is_checked_too_since_it_is_the_weaker_proof(desk: DeskDriver) -> None:
    lookup = zone()
    desk.do(1001, "#assign bob", "alice")
    notice = desk.relay.to("bob@acme.test")[-1]
    address = notice["Reply-To"].rpartition("<")[2].rstrip(">")

    with_dns(desk, lookup).receive(signed(mail(author="bob@acme.test")), rcpt_to=(address,))

    assert lookup.asked == [KEY_NAME]


def test_a_result_in_the_mail_never_passes_for_our_own_check(desk: DeskDriver) -> None:
    for line in (
        "Authentication-Results: maild; dkim=pass header.from=acme.test header.d=acme.test\n",
        "Authentication-Results: maild; dmarc=pass header.from=acme.test\n",
        "X-Maild-Checked: pass\n",
    ):
        assert with_dns(desk, Zone()).receive(mail(headers=line), trusted=True).state == "held"


def test_a_contact_form_of_our_own_domain_proves_nobody_whom_it_names(tmp_path: Path, sqlite_url: str) -> None:
    form = '[[form_senders]]\nsender = "form@acme.test"\n[[agents]]\nname = "form"\nemail = "form@acme.test"\n'
    desk = DeskDriver(tmp_path, sqlite_url, extra=form)
    try:
        desk.receive(written())
        with_dns(desk, zone()).receive(signed(mail(author="form@acme.test", headers=f"Reply-To: {ALICE}\n")))
        assert desk.ticket().status == "new"
    finally:
        desk.close()


@dataclass(slots=True)
class WritingZone:
    """Writes into the desk's own database before it answers."""

    desk: DeskDriver
    zone: Zone

    def txt(self, name: str, seconds: float) -> list[bytes]:
        with self.desk.room.store.begin() as tx:
            meta.set_once(tx, "asked", name)
        return self.zone.txt(name, seconds)


def test_while_the_dns_is_asked_no_transaction_is_open(desk: DeskDriver) -> None:
    """On SQLite a second writer would wait for the first one until it gives up."""
    started = time.perf_counter()

    assert with_dns(desk, WritingZone(desk, zone())).receive(signed(mail())).state == "filed"
    assert time.perf_counter() - started < 3


def test_a_dns_that_is_away_stops_no_mail(desk: DeskDriver) -> None:
    with_dns(desk, Zone(silent={KEY_NAME}))

    held = desk.receive(signed(mail()))
    fine = desk.receive(written(subject="Another"))

    assert (held.state, fine.state) == ("held", "filed")
    assert "could not be checked" in held.reason


# --- in the configuration


def configured(*lines: str, folder: Path = Path()) -> Config:
    return load_text(CONFIG.format(url="sqlite:///x.db") + "\n".join(lines), folder=folder)


def test_the_settings_make_a_verifier_that_asks_the_named_server() -> None:
    assert dkim_checks(configured()) is None

    with name_server({KEY_NAME: [rsa_key().record]}) as (host, port):
        asked = configured("check_dkim = true", 'dns_timeout = "2s"', f'nameserver = "{host}:{port}"')
        checks = dkim_checks(asked)
        assert isinstance(checks, Verifier) and checks.seconds == 2.0
        assert checks.check(ALICE, signed(mail()), NOW).result == "pass"


def test_the_running_daemon_checks_what_comes_to_its_port_and_a_reload_may_end_that(tmp_path: Path) -> None:
    with name_server({KEY_NAME: [rsa_key().record]}) as (host, port):
        on = ["check_dkim = true", f'nameserver = "{host}:{port}"', '[smtp]\nlisten = "127.0.0.1:0"']
        daemon = Daemon(configured(*on, folder=tmp_path), only=("smtp", "worker"))
        daemon.start()
        try:
            signed_one, unsigned, later = (mail(body=f"#priority high -- {word}\n") for word in ("a", "b", "c"))
            assert state_of(daemon, written(body="It burns.\n")) == "filed"
            assert state_of(daemon, signed(signed_one)) == "filed"
            assert state_of(daemon, unsigned) == "held"
            daemon.reload(configured(*on[2:], folder=tmp_path))
            assert state_of(daemon, signed(later)) == "held"
        finally:
            daemon.stop()


def state_of(daemon: Daemon, source: bytes) -> str:
    """What became of a mail that was sent to the daemon's port."""
    with smtplib.SMTP(*daemon.smtp_place) as client:
        client.sendmail("someone@customer.test", ["support@acme.test"], source)

    def settled() -> str:
        with daemon.room.store.read() as tx:
            return str(max(inbound_rows(tx), key=lambda row: row.id).state)

    eventually(lambda: settled() != "received", "a handled mail")
    return settled()


def inbound_rows(tx: Tx) -> list[Any]:
    return [row for number in range(1, 20) if (row := inbound.one(tx, number)) is not None]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('nameserver = "dns.acme.test:53"', 'authentication.nameserver: must be "IP:port"'),
        ('nameserver = "127.0.0.1"', 'authentication.nameserver: must be "host:port"'),
        ('dns_timeout = "1m"', "authentication.dns_timeout: must be at most 10s"),
        ('check_dkim = "perhaps"', "authentication.check_dkim: "),
    ],
)
def test_a_setting_that_cannot_work_is_named(line: str, words: str) -> None:
    with pytest.raises(ConfigError) as found:
        configured(line)

    assert words in str(found.value)


def test_without_its_libraries_the_setting_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks_edges, "AUTH_EXTRA", (("dkimpy", "a_module_that_is_not_there"), ("dnspython", "dns")))

    assert configured("check_dkim = false")
    with pytest.raises(ConfigError, match=r"check_dkim: needs dkimpy; run: pip install 'maild\[auth\]'"):
        configured("check_dkim = true")
