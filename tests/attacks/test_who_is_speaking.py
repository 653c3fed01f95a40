"""RELIABILITY 2.1, attack by attack: who says he is somebody else gets nothing (A1-A16).

One short test each, at the desk with its real rooms; the long ones stand beside the code that they are about.
"""

import base64
import re
import statistics
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from maild.config import load_text
from maild.desk.facts import gather_without_store
from maild.desk.verifier import Verifier
from maild.intake.smtp_settings import SmtpSettings
from maild.mail.envelope import Envelope, Via
from maild.mail.model import Limits
from maild.mail.parse import understand
from maild.mail.tokens import ALPHABET, Signer, TokenKind, plus_address, plus_part
from maild.mail.trust import Trust
from tests.attacks.signing import NAMES, rsa_key, signed, zone
from tests.desk_driver import CONFIG, PROVEN, DeskDriver, Sent, written
from tests.intake.door import ListDoor
from tests.intake.smtp_client import Client, listening

JANE, ALICE, BOB, EVIL = "jane@customer.test", "alice@acme.test", "bob@acme.test", "evil@evil.test"
CANARY = "483920"


@pytest.fixture
def desk(tmp_path: Path, sqlite_url: str) -> Iterator[DeskDriver]:
    """Jane's ticket TICK-1001 is open."""
    driver = DeskDriver(tmp_path, sqlite_url)
    driver.receive(written(author=f"Jane Doe <{JANE}>"))
    yield driver
    driver.close()


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskDriver]:
    """The same for attacks after each of which everything must be as it was."""
    folder = tmp_path_factory.mktemp("calm")
    driver = DeskDriver(folder, f"sqlite:///{folder}/maild.db")
    driver.receive(written(author=f"Jane Doe <{JANE}>"))
    yield driver
    assert untouched(driver)
    driver.close()


def reply_address(sent: Sent) -> str:
    return sent["Reply-To"].rpartition("<")[2].rstrip(">")


def agents_mail(body: str = "#close\n", headers: str = "", author: str = ALICE) -> bytes:
    return written(author=author, subject="Re: [TICK-1001] Printer on fire", body=body, headers=headers)


def untouched(desk: DeskDriver) -> bool:
    """Nothing happened on Jane's ticket: RELIABILITY's “nothing”."""
    ticket = desk.ticket()
    return (ticket.status, ticket.requester.address, ticket.participants, ticket.messages) == ("new", JANE, (), 1)


def test_a1_what_a_service_writes_to_a_ticket_address_is_not_read_by_its_owner(desk: DeskDriver) -> None:
    # given: a ticket of somebody who then registers elsewhere with its reply address
    desk.receive(written(author=EVIL, subject="Hello"))
    address = reply_address(desk.relay.to(EVIL)[0])
    # when: the service verifies that address, as a machine and as a person
    for sender in ("no-reply@chat.test", "team@chat.test"):
        desk.receive(written(author=sender, to=address, subject="Verify", body=f"Your code is {CANARY}\n"))
    desk.do(1002, "#reply We have seen your mail.", "alice")
    # then
    assert {each.standing for each in desk.ticket(1002).participants} <= {"unverified"}
    assert not any(CANARY in sent.everything for sent in desk.relay.to(EVIL))


def test_a2_a_forged_requester_with_a_guessed_number_copies_nobody_in(desk: DeskDriver) -> None:
    guesses = [("support@acme.test", "Re: [TICK-1001] x"), ("support+1001@acme.test", "x")]
    for to, subject in guesses:
        desk.receive(written(author=JANE, to=to, subject=subject, headers=f"Cc: {EVIL}\n"), rcpt_to=(to,))
    desk.do(1001, f"#reply Your licence is {CANARY}.", "alice")

    assert desk.ticket().participants == ()
    assert not any(CANARY in sent.everything for sent in desk.relay.to(EVIL))


def test_a3_a_reference_of_our_form_with_a_random_mac_sends_nothing_to_the_customer(desk: DeskDriver) -> None:
    # given: an id and an address as Alice has them, with another MAC each
    notice = desk.relay.to(ALICE)[0]
    message_id, address = broken(notice["Message-ID"], 15), broken(reply_address(notice), len("support+") + 12)
    desk.relay.take()
    # when
    for count in range(3):
        headers = f"In-Reply-To: {message_id}\nReferences: {message_id}\n"
        mail = written(author=ALICE, to=address, body=f"It is {CANARY} {count}.\n", headers=headers)
        desk.receive(mail, rcpt_to=(address,))
    # then
    assert untouched(desk)
    assert not desk.relay.to(JANE)
    assert {each.event for each in desk.relay.sent} == {"was_this_you"}


def broken(text: str, place: int) -> str:
    other = next(letter for letter in ALPHABET if letter != text[place].lower())
    return text[:place] + other + text[place + 1 :]


def test_a4_nobody_takes_a_conversation_over_and_a_foreign_reply_to_reads_nothing(desk: DeskDriver) -> None:
    ack = desk.relay.to(JANE)[0]

    desk.answer(ack, "I am the one to talk to now.", author=EVIL, extra=f"Reply-To: {EVIL}\n")
    desk.receive(written(author="carl@customer.test", headers=f"Reply-To: {EVIL}\n"))
    desk.relay.take()
    desk.do(1001, f"#reply {CANARY}", "alice")
    desk.do(1002, f"#reply {CANARY}", "alice")

    assert desk.ticket().requester.address == JANE
    assert {sent.rcpt_to for sent in desk.relay.sent if CANARY in sent.everything} == {JANE, "carl@customer.test"}


def test_a5_a_role_without_the_verb_gets_no_further_by_mail(desk: DeskDriver) -> None:
    desk.do(1001, "#assign dora", "alice")
    notice = desk.relay.to("dora@acme.test")[-1]
    before = desk.ticket()
    desk.relay.take()

    desk.answer(notice, "#resolve", author="dora@acme.test")

    assert desk.ticket().status == before.status
    assert [(each.rcpt_to, each.event) for each in desk.relay.take()] == [("dora@acme.test", "commands_refused")]


def test_a6_a_forged_agent_is_asked_and_does_nothing(desk: DeskDriver) -> None:
    desk.relay.take()

    done = desk.receive(agents_mail())

    assert done.state == "held"
    assert untouched(desk)
    assert [(each.rcpt_to, each.event) for each in desk.relay.sent] == [(ALICE, "was_this_you")]


def test_a6_believing_from_alone_is_warned_of(tmp_path: Path) -> None:
    text = CONFIG.format(url=f"sqlite:///{tmp_path}/x.db") + 'agents_need = "address"\n'

    assert any("agents_need" in line and "taken for him" in line for line in load_text(text).warnings)


BELOW = "Received: from a by mx.evil.test; Mon, 2 Mar 2026 09:00:00 +0000\n"
PASS = "dmarc=pass header.from=acme.test"
FORGED_RESULTS = {
    "another server": f"Authentication-Results: mx.evil.test; {PASS}\n",
    "below a foreign Received": BELOW + PROVEN,
    "below the server's own": f"Authentication-Results: mx.acme.test; dmarc=fail header.from=acme.test\n{PROVEN}",
    "below the server's own, by dkim": "Authentication-Results: mx.acme.test; dkim=none\n"
    "Authentication-Results: mx.acme.test; dkim=pass header.d=acme.test\n",
    "the id in a comment": f"Authentication-Results: (mx.acme.test) mx.evil.test; {PASS}\n",
    "the id as a prefix": f"Authentication-Results: mx.acme.test.evil.test; {PASS}\n",
    "the id behind another": f"Authentication-Results: mx.evil.test\n mx.acme.test; {PASS}\n",
    "the pass in a comment": "Authentication-Results: mx.acme.test; dmarc=fail (dmarc=pass) header.from=acme.test\n",
    "the pass of another domain": "Authentication-Results: mx.acme.test; dmarc=pass header.from=evil.test\n",
    "another signer": "Authentication-Results: mx.acme.test; dkim=pass header.d=evil.test\n",
    "spf alone": "Authentication-Results: mx.acme.test; spf=pass smtp.mailfrom=alice@acme.test\n",
    "a broken field": f'Authentication-Results: mx.acme.test; x="; {PASS}\n',
    "of the arc": f"ARC-Authentication-Results: i=1; mx.acme.test; {PASS}\n",
    "a hundred of them": f"Authentication-Results: mx.evil.test; {PASS}\n" * 100,
    "our own name": f"Authentication-Results: maild; {PASS}\n",
}


@pytest.mark.parametrize("form", FORGED_RESULTS)
def test_a7_no_forged_result_is_believed_even_on_a_trusted_path(calm: DeskDriver, form: str) -> None:
    source = FORGED_RESULTS[form].replace("\n", "\r\n").encode() + agents_mail(f"#close -- {form}\n")

    done = calm.receive(source, trusted=True)

    assert done.state == "held" and "says it is from alice" in done.reason
    assert untouched(calm)


@pytest.mark.parametrize("server", ["mx.acme.test", "MX.Acme.Test.", "mx.acme.test 1"])
def test_a7_a_right_result_by_an_untrusted_path_is_dropped_in_every_writing(calm: DeskDriver, server: str) -> None:
    done = calm.receive(agents_mail(f"#close -- {server}\n", f"Authentication-Results: {server}; {PASS}\n"))

    assert done.state == "held" and "a path that is not trusted" in done.reason


A8 = {
    "signed by another domain": lambda: signed(agents_mail(), "evil.test"),
    "a part of the text": lambda: signed(agents_mail(), body_bytes=0, extra=(("l", "0"),)) + b"#assign mallory\r\n",
    "From is not signed": lambda: signed(agents_mail(), names=("to", "subject", "date", "message-id")),
    "it has expired": lambda: signed(agents_mail(), extra=(("t", "1000000000"), ("x", "1000003600"))),
    "two From": lambda: b"From: evil@evil.test\r\n" + signed(agents_mail(), names=NAMES[:-1]),
    "spf of the envelope": lambda: b"Received-SPF: pass (evil.test)\r\n" + agents_mail(),
}


@pytest.mark.parametrize("form", A8)
def test_a8_a_signature_that_does_not_cover_the_one_from_is_only_a_claim(desk: DeskDriver, form: str) -> None:
    desk.worker.checks = Verifier(zone("acme.test", ("s1._domainkey.evil.test", rsa_key().record)))

    done = desk.receive(A8[form](), mail_from=EVIL)

    assert untouched(desk)
    # With two From there is no agent who could be asked: it is a stranger's mail.
    assert done.state == ("filed" if form == "two From" else "held")


MALFORMED = (
    "alice@acme.test(<evil@x.test>", "alice@acme.test)evil@x.test", "alice@acme.test(evil@x.test", "alice@acme.test<evil@x.test>",
    "<alice@acme.test>evil@x.test", "alice@acme.test@evil@x.test", "alice@acme.test,evil@x.test", "alice@acme.test;evil@x.test",
    "alice@acme.test:evil@x.test", "alice@acme.test.evil@x.test", 'alice@acme.test"evil@x.test', "alice@acme.test[evil@x.test]",
    "alice@acme.test\\evil@x.test", "alice@acme.test evil@x.test", "staff:alice@acme.test,evil@x.test;", "a:alice@acme.test;",
    "<alice@acme.test>, <evil@x.test>", "evil@x.test, alice@acme.test", '"alice@acme.test" <evil@x.test>', "alice@acme.test <evil@x.test>",
    "<@evil.test:alice@acme.test> x <evil@x.test>", "alice@acme.test@x.test", "evil@x@acme.test", '"alice@acme.test"@x.test',
    "=?utf-8?q?alice=40acme.test?= <evil@x.test>", "=?utf-8?q?alice=40acme.test=3E?= <evil@x.test>", "alice(@acme.test)@x.test",
    "", "<>", "alice", "@acme.test", "alice@", "<alice@acme.test", "undisclosed:;", "Alice <alice@acme.test> <evil@x.test>",
)  # fmt: skip


@pytest.mark.parametrize("author", MALFORMED)
def test_a9_no_malformed_from_is_an_agents(calm: DeskDriver, author: str) -> None:
    book = calm.room.book
    mail = understand(written(author=author, headers=PROVEN), book.hints, Limits())

    facts = gather_without_store(mail, Envelope(Via.SMTP, calm.clock(), trusted=True), book, calm.clock())

    # A lone missing bracket leaves one way to read it; whatever names two addresses leaves none.
    assert facts.agent is None or author == "<alice@acme.test"


def test_a9_two_from_fields_are_nobody(desk: DeskDriver) -> None:
    for first, second in ((ALICE, EVIL), (EVIL, ALICE), (ALICE, ALICE)):
        desk.receive(agents_mail(author=first, headers=f"From: {second}\n{PROVEN}"), trusted=True)

    assert untouched(desk)


@pytest.mark.parametrize(
    "name",
    [
        '"alice@acme.test"',
        "=?utf-8?q?alice=40acme.test?=",
        '"\u202etset.emca@ecila"',
        '"Al\u200bice \u202eX"',
        '"Alice\x07"',
    ],
)
def test_a10_the_address_is_shown_and_no_name_hides_it(calm: DeskDriver, name: str) -> None:
    done = calm.receive(written(author=f"{name} <{EVIL}>", subject="Hi", body="".join(re.findall("[a-z8]", name))))

    assert done.ticket is not None
    notice = calm.relay.to(ALICE)[-1]
    assert EVIL in notice.text
    assert not re.search("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\x07]", notice.everything)
    assert "@" not in calm.ticket(done.ticket).requester.name


@pytest.mark.parametrize(
    "address",
    [
        "al\u0131ce@acme.test", "\uff41lice@acme.test", "alice@ac\u212ame.test", "alice@acme\u3002test", "\u0430lice@acme.test",
        "al\u0131ce@ACME.test", "alice@acme.t\u1d49st",
    ],
)  # fmt: skip
def test_a11_no_unicode_rule_turns_a_foreign_address_into_an_agents(calm: DeskDriver, address: str) -> None:
    calm.receive(agents_mail(author=address, headers=PROVEN), trusted=True)

    assert untouched(calm)
    assert calm.room.book.directory.agent_at(address) is None


def test_a12_no_random_mac_is_right(desk: DeskDriver) -> None:
    random, signer = Random(12), desk.room.book.signer
    token = signer.sign(TokenKind.NOTICE, 1001, ALICE, desk.clock())

    def guess() -> str:
        return token[:10] + "".join(random.choices(ALPHABET, k=16)) + token[26:]

    assert not any(signer.verify(guess()) for _ in range(10_000))


def test_a12_guessing_is_told_to_admins_once_an_hour_and_source(desk: DeskDriver) -> None:
    random = Random(13)

    def guess(peer: str) -> None:
        digits = "".join(random.choices(ALPHABET, k=24))
        address = f"support+kpa{digits}bb@acme.test"
        desk.keep(written(author=EVIL, to=address, body=digits), rcpt_to=(address,), peer=peer)

    def alarms() -> list[Sent]:
        desk.deliverer.drain()
        return [sent for sent in desk.relay.to("root@acme.test") if sent.event == "trouble"]

    for _ in range(19):
        guess("192.0.2.1")
        guess("192.0.2.2")
    assert alarms() == []

    for _ in range(9):
        guess("192.0.2.1")
    assert len(alarms()) == 1
    assert "wrong signature within an hour from 192.0.2.1" in alarms()[0].text

    desk.clock.advance(hours=2)
    for _ in range(19):
        guess("192.0.2.1")
    assert len(alarms()) == 1


def test_a12_true_references_and_other_plus_forms_are_no_guessing(desk: DeskDriver) -> None:
    address = reply_address(desk.relay.to(JANE)[0])

    for count in range(25):
        for to in (address, "support+sales@acme.test", "support+kpaaaaaaaa@acme.test"):
            desk.keep(written(author=JANE, to=to, body="x" * count), rcpt_to=(to,), peer="192.0.2.1")
    desk.deliverer.drain()

    assert not [sent for sent in desk.relay.to("root@acme.test") if sent.event == "trouble"]


def test_a12_an_agents_token_is_nothing_in_another_hand_and_old_keys_end(desk: DeskDriver) -> None:
    desk.do(1001, "#assign bob", "alice")
    address = reply_address(desk.relay.to(BOB)[-1])
    token = plus_part(address)[1]

    for author in (EVIL, ALICE):
        desk.receive(written(author=author, to=address, body="#close\n"), rcpt_to=(address,))
    assert desk.ticket().status == "new"

    old, new = desk.room.book.signer.keys[0], b"another key of thirty-two bytes!!"
    assert Signer((new, old)).verify(token)
    assert Signer((new,)).verify(token) is None


def test_a12_a_signed_address_is_a_weak_proof_and_says_so(desk: DeskDriver) -> None:
    mail = understand(agents_mail(author=BOB), desk.room.book.hints, Limits())
    token = desk.room.book.signer.sign(TokenKind.NOTICE, 1001, BOB, desk.clock())
    envelope = Envelope(Via.SMTP, desk.clock(), rcpt_to=(plus_address("support@acme.test", token),))

    trust = gather_without_store(mail, envelope, desk.room.book, desk.clock()).trust
    login = replace(envelope, authenticated_as="bob")
    proven = gather_without_store(mail, login, desk.room.book, desk.clock()).trust

    assert (trust.level, trust.is_strong) == (Trust.SIGNED, False)
    assert (proven.level, proven.is_strong) == (Trust.AUTHENTICATED, True)


def test_a13_a_message_id_sent_ahead_drops_no_genuine_mail(desk: DeskDriver) -> None:
    evil = desk.receive(written(author=EVIL, message_id="<m@customer.test>", body="First!\n"))
    genuine = desk.receive(written(author=JANE, message_id="<m@customer.test>", body="The real one.\n"))

    assert (evil.state, genuine.state) == ("filed", "filed")
    assert any("The real one." in message.text for number in (1002, 1003) for message in desk.messages(number))


def test_a14_tickets_that_exist_and_tickets_that_do_not_answer_alike(desk: DeskDriver) -> None:
    times: dict[bool, list[float]] = {True: [], False: []}
    answers: dict[bool, set[tuple[str, ...]]] = {True: set(), False: set()}
    for count in range(30):
        exists = count % 2 == 0
        author = f"probe{count}@evil.test"
        mail = written(author=author, subject=f"Re: [TICK-{1001 if exists else 9_001}] x", body=f"Any news? {count}\n")
        started = time.perf_counter()
        done = desk.receive(mail)
        times[exists].append(time.perf_counter() - started)
        shown = [f"{each.event}{each['Subject']}{each.text}" for each in desk.relay.to(author)]
        answers[exists].add((done.state, *(re.sub(r"ref \w+|\d+", "#", words) for words in shown)))

    assert answers[True] == answers[False]
    assert len(answers[True]) == 1
    # The goal is 5 ms on a quiet machine; the bound here is for a busy one.
    assert abs(statistics.median(times[True]) - statistics.median(times[False])) < 0.05


def test_a15_our_own_header_names_mean_nothing_in_a_strangers_mail(desk: DeskDriver) -> None:
    fields = "X-Maild-Ticket: TICK-1001\nX-Maild-Event: answer\nX-Maild-Actor: alice\nAuto-Submitted: no\n"

    desk.receive(written(author=EVIL, body=f"#close {CANARY}\n", headers=fields))
    desk.do(1002, "#reply Hello.", "alice")

    assert untouched(desk)
    assert {sent["X-Maild-Ticket"] for sent in desk.relay.to(EVIL)} == {"TICK-1002"}
    assert not any("X-Maild-Actor" in sent.everything for sent in desk.relay.sent)


@pytest.fixture
def door(tmp_path: Path) -> ListDoor:
    return ListDoor(tmp_path)


def test_a16_guessing_passwords_ends_the_session_by_the_fourth_and_the_peer_waits(door: ListDoor) -> None:
    settings = SmtpSettings(listen=("127.0.0.1:0",), auth_enabled=True, require_tls_for_auth=False)
    codes: list[str] = []
    with listening(door, settings) as listener:
        for session in range(5):
            with Client(listener) as client:
                client.say("EHLO client.test")
                for guess in range(4):
                    name = "alice" if guess % 2 else "nobody"
                    plain = base64.b64encode(f"\0{name}\0wrong{session}{guess}".encode()).decode()
                    codes.append(client.say(f"AUTH PLAIN {plain}")[:3])
                    if codes[-1] in ("421", ""):
                        break

    assert codes == ["535", "535", "421", "421", "421", "421", "421"]


def test_a16_an_unknown_name_takes_as_long_as_a_wrong_password(desk: DeskDriver) -> None:
    from maild.desk.front_door import FrontDoor

    front = FrontDoor(desk.room, desk.acceptor, {"alice": "correct horse"})

    def spent(name: str) -> float:
        started = time.perf_counter()
        for _ in range(200):
            front.login(name, "x" * 100)
        return time.perf_counter() - started

    known, unknown = (statistics.median(spent(name) for _ in range(9)) for name in ("alice", "nobody"))
    assert abs(known - unknown) / 200 < timedelta(milliseconds=1).total_seconds()


def test_a16_wrong_passwords_count_for_the_peer_over_all_his_sessions(door: ListDoor) -> None:
    settings = SmtpSettings(listen=("127.0.0.1:0",), auth_enabled=True, require_tls_for_auth=False)
    codes: list[str] = []
    with listening(door, settings) as listener:
        for session in range(6):
            with Client(listener) as client:
                client.say("EHLO client.test")
                plain = base64.b64encode(f"\0alice\0wrong{session}".encode()).decode()
                codes.append(client.say(f"AUTH PLAIN {plain}")[:3])

    assert codes == ["535", "535", "421", "421", "421", "421"]
