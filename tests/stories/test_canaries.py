"""Whatever a mail client quotes below or around an answer: customers read the agent's words and nothing of ours (F1, F2, F4)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.header import decode_header, make_header
from pathlib import Path

import pytest

from maild.desk.leaks import files_for_customer, leaked_file
from maild.mail.model import Attachment
from maild.mail.text import html_to_text
from maild.mail.tokens import FOUND, Token, TokenKind
from tests.desk_driver import CONFIG, DeskDriver, Sent, written
from tests.stories.client_replies import (
    CLIENTS,
    ENGLISH,
    FIRST,
    FRENCH,
    GERMAN,
    HOST,
    PHONE,
    PRIVATE,
    SECOND,
    Answer,
    Client,
    Encoding,
    Ending,
    Shape,
    encoded,
    header_block,
    html_of,
    mail,
    marked,
)

LONG_NOTE = "Quokka: this customer has not paid since May, and the manager decided to end the contract in June."
SHORT_NOTE = "Wombat fraud case."
SUPPLIER = "Numbat Ltd sells us the part for 12 EUR and takes three days."
REASON = "bandicoot threatens with a lawyer"
COLLEAGUE = "We look into it at once."
CANARIES = (
    *("Quokka", "paid since May", "Wombat", "fraud", "Numbat", "12 EUR", "bandicoot", "lawyer"),
    *("alice@acme.test", "bob@acme.test", "dora@acme.test", PRIVATE, PHONE, "55501234", HOST, "corp.acme.test"),
    *("10.20.30.40", "<client-", "X-Maild-Status", "X-Maild-Priority", "X-Maild-Desk", "X-Originating", "User-Agent"),
    *("#assign", "#note", "Assigned to", "Zugewiesen", "thread@acme.test"),
)
EVENTS = ("new_ticket", "customer_reply", "note", "assignment", "answer_copy", "change")
TONGUES = (ENGLISH, GERMAN, FRENCH)
ENCODINGS = tuple(Encoding)


@dataclass(frozen=True, slots=True)
class Case:
    """One answer of one client to one notification."""

    client: Client
    number: int
    shape: Shape
    ending: Ending
    event: str

    def __str__(self) -> str:
        return f"{self.client.name}, {self.shape}, {self.ending}, {self.event}"


@dataclass(frozen=True, slots=True)
class Left:
    """A mail that left; `strange` are references in it that are not its reader's own."""

    sent: Sent
    strange: list[str]

    @property
    def rcpt_to(self) -> str:
        return self.sent.rcpt_to

    @property
    def event(self) -> str:
        return self.sent.event


@dataclass(frozen=True, slots=True)
class Outcome:
    """What left after it, and whether it was held."""

    state: str
    customer: str
    left: list[Left]

    @property
    def answer(self) -> Left:
        return next(each for each in self.left if each.event == "answer" and each.rcpt_to == self.customer)


def _cases() -> list[Case]:
    """Each client's five ways; the events move by one from client to client, so that each meets each shape."""
    ways = [
        (client, shape, ending, EVENTS[(place + way) % len(EVENTS)])
        for place, client in enumerate(CLIENTS)
        for way, (shape, ending) in enumerate(zip(client.shapes, client.endings, strict=True))
    ]
    return [Case(client, number, shape, ending, event) for number, (client, shape, ending, event) in enumerate(ways)]


CASES = _cases()
PLAYED = [*(("en", case) for case in CASES), *(("de", case) for case in CASES[::3])]


Outcomes = dict[tuple[str, int], Outcome]


def notified(desk: DeskDriver, event: str, customer: str) -> Sent:
    """A ticket with secrets; gives alice's notification of `event`."""
    desk.receive(written(author=f"Jane Doe <{customer}>", body="The printer burns.\nWhat shall I do?\n"))
    number = desk.tickets()[-1].number if desk.tickets()[-1].requester.address == customer else desk.tickets()[0].number
    assert desk.ticket(number).requester.address == customer
    desk.do(number, f"#note\n\n{LONG_NOTE}", "bob")
    if event not in ("new_ticket", "assignment"):
        desk.do(number, "#take", "alice")
    match event:
        case "customer_reply":
            again = f"Subject: Re: [TICK-{number}] Printer on fire\n"
            desk.receive(written(author=f"Jane Doe <{customer}>", body="It still burns.\n", headers=again))
        case "note":
            desk.do(number, f"#note\n\n{LONG_NOTE}\n\n{SHORT_NOTE}\n{SUPPLIER}", "bob")
        case "assignment":
            desk.do(number, f"#note\n#assign alice -- {REASON}\n\n{LONG_NOTE}\n\n{SHORT_NOTE}\n{SUPPLIER}", "bob")
        case "answer_copy":
            desk.do(number, COLLEAGUE, "bob")
        case "change":
            desk.do(number, f"#priority high -- {REASON}", "bob")
    return next(each for each in reversed(desk.relay.take()) if each.event == event and "alice" in each.rcpt_to)


def _commands(case: Case) -> tuple[str, ...]:
    public = ("#reply",) if case.event == "note" else ()
    return (*public, "#tag printer", "#waiting") if case.shape is Shape.COMMANDS else public


def _outcome(desk: DeskDriver, case: Case) -> Outcome:
    customer = f"jane{case.number}@customer.test"
    notice = notified(desk, case.event, customer)
    tongue, encoding = TONGUES[case.number % 3], ENCODINGS[case.number % 4]
    answer = Answer(notice, case.shape, tongue, case.ending, _commands(case))
    done = desk.receive(mail(answer, case.client.write(answer, encoding), case.client.name))
    left = [Left(sent, strange_tokens(desk, sent)) for sent in desk.relay.take()]
    return Outcome(done.state, customer, left)


def _played(language: str, folder: Path) -> Outcomes:
    config = CONFIG.replace("[desk]", f'[desk]\nlanguage = "{language}"')
    desk = DeskDriver(folder, f"sqlite:///{folder}/maild.db", config)
    outcomes = {(language, case.number): _outcome(desk, case) for spoken, case in PLAYED if spoken == language}
    desk.close()
    return outcomes


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """Every client's every answer on a desk in English, a third of them on one in German."""
    played = [_played(language, tmp_path_factory.mktemp(f"desk-{language}")) for language in ("en", "de")]
    return played[0] | played[1]


def readable(sent: Sent) -> str:
    """Raw bytes, decoded parts, decoded header fields."""
    fields = [str(make_header(decode_header(str(value)))) for value in sent.mail.values()]
    return "\n".join([sent.everything, *fields])


def leaked(left: Left, canaries: tuple[str, ...] = CANARIES) -> list[str]:
    """The canaries in a mail, wherever lines end."""
    text = readable(left.sent).casefold()
    text += folded(text)
    return [each for each in canaries if each.casefold() in text]


def strange_tokens(desk: DeskDriver, sent: Sent) -> list[str]:
    """References in a mail that are not its reader's own."""
    signer = desk.room.book.signer
    found = {match.group().lower() for match in FOUND.finditer(readable(sent))}
    read = {text: signer.verify(text) for text in found}
    own = {text for text, token in read.items() if token and _is_own(desk, token, sent.rcpt_to)}
    return sorted(found - own)


def _is_own(desk: DeskDriver, token: Token, reader: str) -> bool:
    return token.kind is TokenKind.PUBLIC and desk.room.book.signer.is_for(token, reader)


def forms(left: Left) -> list[str]:
    """The text and the HTML as they are read."""
    parts = [part for part in left.sent.mail.walk() if part.get_content_maintype() == "text"]
    texts = [(part.get_content_subtype(), bytes(part.get_payload(decode=True)).decode()) for part in parts]
    return [folded(html_to_text(text) if kind == "html" else text) for kind, text in texts]


def folded(text: str) -> str:
    return " ".join(text.split())


def test_there_are_sixty_answers_of_twelve_clients_and_each_notification_is_answered() -> None:
    assert len(CASES) >= 60 and len(CLIENTS) >= 12
    assert {case.event for case in CASES} == set(EVENTS)
    assert len({(case.shape, case.event) for case in CASES}) == len(Shape) * len(EVENTS)


@pytest.mark.parametrize(("language", "case"), PLAYED, ids=str)
def test_no_customer_reads_what_was_quoted(outcomes: Outcomes, language: str, case: Case) -> None:
    outcome = outcomes[language, case.number]
    to_customers = [each for each in outcome.left if each.rcpt_to.endswith("@customer.test")]

    assert [leaked(each) for each in to_customers] == [[] for _ in to_customers]
    assert [each.strange for each in to_customers] == [[] for _ in to_customers]
    assert {each.rcpt_to for each in to_customers} <= {outcome.customer}


@pytest.mark.parametrize(("language", "case"), PLAYED, ids=str)
def test_every_word_of_the_answer_arrives_once_in_each_form(outcomes: Outcomes, language: str, case: Case) -> None:
    outcome = outcomes[language, case.number]
    if outcome.state == "held":
        pytest.skip("held, and counted below")
    for form in forms(outcome.answer):
        assert [form.count(words) for words in (FIRST, SECOND)] == [1, 1]


def test_at_most_two_answers_in_sixty_are_held(outcomes: Outcomes) -> None:
    held = [(language, str(case)) for language, case in PLAYED if outcomes[language, case.number].state != "filed"]
    assert len(held) <= 2, held


@pytest.fixture
def small(sqlite_url: str, tmp_path: Path) -> Iterator[DeskDriver]:
    """A desk for one story."""
    desk = DeskDriver(tmp_path, sqlite_url)
    yield desk
    desk.close()


def with_links(notice: Sent) -> Sent:
    """The notification with a row of mailto: links in both forms: one click is one command (AG-5)."""
    address = notice["Reply-To"].partition("<")[2].rstrip(">")
    rows = [f"mailto:{address.replace('+', '%2B')}?body=%23{word}" for word in ("take", "waiting", "close")]
    linked: dict[str, Callable[[str], str]] = {
        "plain": lambda text: text.replace("-- \n", "\n".join(f"Command: <{row}>" for row in rows) + "\n\n-- \n"),
        "html": lambda html: html.replace('<p class="foot"', "".join(f'<a href="{row}">do</a>' for row in rows) + "<p"),
    }
    whole = notice.mail
    for part in whole.walk():
        if not part.is_multipart():
            text = bytes(part.get_payload(decode=True)).decode().replace("\r\n", "\n")
            del part["Content-Transfer-Encoding"]
            part.set_payload(linked[part.get_content_subtype()](text), "utf-8")
    changed = Sent(notice.mail_from, notice.rcpt_to, whole.as_bytes())
    assert "%23take" in changed.text and "%23take" in html_of(changed)
    return changed


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_links_with_commands_in_the_quote_reach_nobody(small: DeskDriver, client: Client) -> None:
    # given
    notice = with_links(notified(small, "assignment", "jane@customer.test"))
    # when
    for way, (shape, ending) in enumerate(list(zip(client.shapes, client.endings, strict=True))[1:4]):
        answer = Answer(notice, shape, TONGUES[way % 3], ending)
        small.receive(mail(answer, client.write(answer, ENCODINGS[way]), client.name))
    # then
    left = [Left(sent, strange_tokens(small, sent)) for sent in small.relay.to("jane@customer.test")]
    assert len(left) >= 3
    assert [(leaked(each, (*CANARIES, "?body=", "%23take")), each.strange) for each in left] == [([], [])] * len(left)


def test_a_file_under_nothing_but_our_quote_is_held(small: DeskDriver) -> None:
    # given
    notice = notified(small, "assignment", "jane@customer.test")
    file = b"Content-Type: text/csv\r\nContent-Disposition: attachment; filename=r.csv\r\n\r\na,b"
    answer = Answer(notice, Shape.BETWEEN, ENGLISH, Ending.NOTHING, files=file)
    body = encoded(f"{header_block(answer)}\n{notice.text}", "plain", Encoding.QUOTED)
    # when
    done = small.receive(mail(answer, body, "Outlook"))
    # then
    assert done.state == "held"
    assert not small.relay.to("jane@customer.test")


def test_a_quote_that_no_program_marked_in_a_known_way_is_cut_at_our_line(small: DeskDriver) -> None:
    # given
    notice = notified(small, "assignment", "jane@customer.test")
    answer = Answer(notice, Shape.TOP, ENGLISH, Ending.NOTHING)
    body = encoded(f"{FIRST}\n\n{SECOND}\n\n{notice.text}", "plain", Encoding.QUOTED)
    # when
    small.receive(mail(answer, body, "Unheard of"))
    # then
    left = small.relay.to("jane@customer.test")
    assert [leaked(Left(each, [])) for each in left] == [[]]
    assert FIRST in left[0].text and SECOND in left[0].text


def test_a_short_line_of_a_note_that_is_quoted_alone_is_held(small: DeskDriver) -> None:
    # given
    notice = notified(small, "assignment", "jane@customer.test")
    answer = Answer(notice, Shape.TOP, ENGLISH, Ending.NOTHING)
    body = encoded(f"> > {SHORT_NOTE}\n\nNo, it is not.\n\n> > Are you sure?\n\nYes.\n", "plain", Encoding.QUOTED)
    # when
    done = small.receive(mail(answer, body, "Mutt"))
    # then
    assert done.state == "held"
    assert not small.relay.to("jane@customer.test")


def test_lines_that_an_agent_writes_with_a_mark_himself_stay(small: DeskDriver) -> None:
    # given
    notice = notified(small, "assignment", "jane@customer.test")
    answer = Answer(notice, Shape.TOP, ENGLISH, Ending.NOTHING)
    text = "Please type:\n> ipconfig /all\n\nand send what you see."
    # when
    small.receive(
        mail(
            answer,
            encoded(
                f"{text}\n\n{marked(answer, 'On 2 Mar 2026 at 10:00, Acme Support wrote:')}", "plain", Encoding.QUOTED
            ),
            "Mutt",
        )
    )
    # then
    assert "> ipconfig /all" in small.relay.to("jane@customer.test")[0].text


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_a_customers_own_reference_is_shown_to_nobody_else(small: DeskDriver, client: Client) -> None:
    # given
    notified(small, "new_ticket", "jane@customer.test")
    small.do(1001, COLLEAGUE, "bob")
    sent = small.relay.to("jane@customer.test")[0]
    small.relay.take()
    # when
    for way, (shape, ending) in enumerate(zip(client.shapes, client.endings, strict=True)):
        answer = Answer(sent, shape, TONGUES[way % 3], ending)
        small.receive(
            mail(answer, client.write(answer, ENCODINGS[way % 4]), client.name, author="Jane <jane@customer.test>")
        )
    # then
    told = small.relay.take()
    assert [each.event for each in told if each.rcpt_to == "bob@acme.test"].count("customer_reply") == len(
        client.shapes
    )
    assert {match.group()[1] for each in told for match in FOUND.finditer(readable(each))} == {"n"}
    assert all(FIRST in form for each in told for form in forms(Left(each, [])))


def test_files_that_mail_clients_add_by_themselves_do_not_leave() -> None:
    kinds = ("application/pkcs7-signature", "application/pgp-keys", "text/vcard", "text/csv")
    files = tuple(Attachment("a.bin", kind, b"alice@acme.test") for kind in kinds)
    assert [file.content_type for file in files_for_customer(files)] == ["text/csv"]


@pytest.mark.parametrize("charset", ["utf-8", "utf-16-le"])
def test_a_mail_of_ours_in_an_attachment_is_found(small: DeskDriver, charset: str) -> None:
    notice = notified(small, "new_ticket", "jane@customer.test")
    content = notice.content.decode().encode(charset)
    assert leaked_file((Attachment("original.eml", "message/rfc822", content),)) == "original.eml"
    assert leaked_file((Attachment("other.eml", "message/rfc822", b"From: x@y.test\r\n\r\nHello"),)) is None


def test_answers_inside_a_quote_without_marks_are_held_and_not_lost(small: DeskDriver) -> None:
    # given
    notice = notified(small, "assignment", "jane@customer.test")
    answer = Answer(notice, Shape.TOP, GERMAN, Ending.UNMARKED)
    text = notice.text.replace("TICK-1001  Printer", f"{FIRST}\n{SECOND}\n\nTICK-1001  Printer")
    # when
    done = small.receive(mail(answer, encoded(f"{header_block(answer)}\n{text}", "plain", Encoding.BASE64), "Outlook"))
    # then
    assert done.state == "held"
    assert not small.relay.to("jane@customer.test")
    assert FIRST in small.relay.to("alice@acme.test")[0].text


@pytest.mark.parametrize(
    "words",
    [
        "Please call the hotline:\n\n+49 30 5550100\n\nAsk for Alice, she has the key.",
        "Alice will call you tomorrow.\nKeep +49 30 5550100 free.",
        "Open https://acme.test/reset and follow the steps.\n\nBest regards\nAlice",
    ],
)
def test_numbers_and_links_that_belong_to_the_answer_stay(small: DeskDriver, words: str) -> None:
    # given
    notice = notified(small, "customer_reply", "jane@customer.test")
    answer = Answer(notice, Shape.TOP, ENGLISH, Ending.NOTHING)
    # when
    small.receive(mail(answer, encoded(unmarked_under(answer, words), "plain", Encoding.EIGHT), "Outlook"))
    # then
    assert words in small.relay.to("jane@customer.test")[0].text.replace("\r\n", "\n")


def unmarked_under(answer: Answer, words: str) -> str:
    return f"{words}\n\n{header_block(answer)}\n{answer.notice.text}"
