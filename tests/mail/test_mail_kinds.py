"""What a mail is: bounces, receipts, absences, invitations, spam; and what only looks like one."""

import pytest

from maild.mail.model import Bounced, Kind
from tests.mail.mails import mail, multipart, part, read

STATUS = (
    b"Reporting-MTA: dns; mx.x.test\r\n\r\n"
    b"Original-Recipient: rfc822;Jane@customer.test\r\nFinal-Recipient: rfc822; j@x.test\r\n"
)


def delivery_report(action: str, status: str, diagnostic: str = "smtp; 550 no") -> bytes:
    fields = f"Action: {action}\r\nStatus: {status}\r\nDiagnostic-Code: {diagnostic}\r\n".encode()
    body, kind = multipart(
        "report; report-type=delivery-status",
        part(b"Your mail could not be delivered."),
        part(STATUS + fields, "message/delivery-status"),
        part(b"Message-ID: <out.1@acme.test>\r\nSubject: Printer\r\n\r\nHello", "message/rfc822"),
    )
    kind = kind.replace("; boundary", ";\r\n boundary")
    return mail(body, From="MAILER-DAEMON@mx.x.test", Subject="Undelivered Mail", Content_Type=kind, Return_Path="<>")


@pytest.mark.parametrize(
    ("action", "status", "hard", "found"),
    [
        ("failed", "5.1.1", True, "5.1.1"),
        ("failed", "5.2.2", False, "5.2.2"),
        ("failed", "4.4.1 (timeout)", False, "4.4.1"),
        ("delayed", "4.0.0", False, "4.0.0"),
        ("Failed (mailbox)", "5.7.1", True, "5.7.1"),
    ],
)
def test_a_delivery_status_says_who_was_not_reached(action: str, status: str, hard: bool, found: str) -> None:
    understood = read(delivery_report(action, status))
    assert understood.kind is Kind.BOUNCE
    assert understood.bounced == (Bounced("jane@customer.test", hard, found), Bounced("j@x.test", hard, found))
    assert understood.bounced_ids == ("<out.1@acme.test>",)


def test_the_diagnostic_is_more_exact_than_a_status_of_zeros() -> None:
    understood = read(delivery_report("failed", "5.0.0", "smtp; 550 5.1.1 unknown"))
    assert understood.bounced[0].status == "5.1.1"


def test_a_delivery_status_that_says_delivered_is_a_receipt() -> None:
    assert read(delivery_report("delivered", "2.0.0")).kind is Kind.RECEIPT


def test_a_bounce_in_prose_is_read_too() -> None:
    text = (
        "Hi. This is the qmail-send program at x.test.\nI'm afraid I wasn't able to deliver your message to the "
        "following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n"
        "<jane@customer.test>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of "
        "the message.\n\nReturn-Path: <support@acme.test>\nMessage-ID: <out.7@acme.test>\n"
    )
    understood = read(mail(text, From="MAILER-DAEMON@x.test", Subject="failure notice", Return_Path="<>"))
    assert understood.kind is Kind.BOUNCE
    assert understood.bounced == (Bounced("jane@customer.test", True, "5.1.1"),)
    assert understood.bounced_ids == ("<out.7@acme.test>",)


def test_a_read_receipt_is_a_receipt() -> None:
    body, kind = multipart(
        "report; report-type=disposition-notification",
        part(b"Your mail was read."),
        part(b"Original-Message-ID: <out.1@acme.test>\r\n", "message/disposition-notification"),
    )
    understood = read(mail(body, Content_Type=kind))
    assert understood.kind is Kind.RECEIPT
    assert understood.bounced_ids == ("<out.1@acme.test>",)


@pytest.mark.parametrize(
    ("subject", "fields"),
    [
        ("Automatic reply: [TICK-1001] Printer", {}),
        ("Out of Office: Printer", {}),
        ("Abwesenheitsnotiz: Drucker", {}),
        ("Automatische Antwort: Drucker", {}),
        ("Réponse automatique : Imprimante", {}),
        ("Respuesta automática: Impresora", {}),
        ("Risposta automatica: Stampante", {}),
        ("Resposta automática: Impressora", {}),
        ("Automatisch antwoord: Printer", {}),
        ("Odpowiedź: Printer - jestem na urlopie", {"Auto_Submitted": "auto-replied"}),
        ("Automatyczna odpowiedź: Drukarka", {}),
        ("Automatiskt svar: Skrivare", {}),
        ("Automatisk svar: Printer", {}),
        ("Automatická odpověď: Tiskárna", {}),
        ("Автоматический ответ: Принтер", {}),
        ("自動応答: プリンタ", {}),
        ("自动回复: 打印机", {}),
        ("Re: Printer (I am out of the office)", {"X_Autoreply": "yes"}),
        ("AUTO: Jane Doe is out of the office (returning 05/01/2026)", {}),
    ],
)
def test_an_absence_is_a_vacation(subject: str, fields: dict[str, str]) -> None:
    assert read(mail(Subject=subject, **fields)).kind is Kind.VACATION


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"Auto_Submitted": "auto-replied"}, Kind.AUTO_REPLY),
        ({"Auto_Submitted": "Auto-Replied (by a script); owner-email=x"}, Kind.AUTO_REPLY),
        ({"Precedence": "auto_reply"}, Kind.AUTO_REPLY),
        ({"X_Autoreply": "yes"}, Kind.AUTO_REPLY),
        ({"Auto_Submitted": "no"}, Kind.NORMAL),
        ({"Auto_Submitted": "auto-generated"}, Kind.NORMAL),
        ({"X_Auto_Response_Suppress": "All"}, Kind.NORMAL),
        ({"Precedence": "list", "List_Id": "<support.acme.test>"}, Kind.NORMAL),
        ({"X_Spam_Flag": "YES"}, Kind.SPAM),
        ({"X_Spam_Status": "No, score=-1"}, Kind.NORMAL),
        ({"X_Spam_Status": "Yes, score=9"}, Kind.SPAM),
        ({"Subject": "Out of office replies do not work"}, Kind.NORMAL),
        ({"Subject": "Re: Automatic reply: Printer"}, Kind.NORMAL),
        ({"Subject": "Fwd: Undelivered Mail Returned to Sender"}, Kind.NORMAL),
        ({"Subject": "Delivery failed: my parcel"}, Kind.NORMAL),
        ({"Subject": "Frånvaro: Anna på måndag"}, Kind.NORMAL),
        ({"From": "postmaster@customer.test", "Subject": "Our DNS will move"}, Kind.NORMAL),
    ],
)
def test_fields_tell_machines_from_people(fields: dict[str, str], kind: Kind) -> None:
    assert read(mail(**fields)).kind is kind


def test_a_person_who_hands_on_a_bounce_is_a_person() -> None:
    text = "Why do I get this?\n\n550 5.1.1 <bob@x.test>: user unknown, could not be delivered"
    assert read(mail(text, Subject="Undelivered Mail Returned to Sender - please help")).kind is Kind.NORMAL


def test_an_invitation_is_calendar_mail() -> None:
    body, kind = multipart(
        "alternative",
        part(b"Meeting at 10"),
        part(b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR", "text/calendar"),
    )
    understood = read(mail(body, Content_Type=kind))
    assert understood.kind is Kind.CALENDAR
    assert "METHOD:REQUEST" in understood.kind_because


@pytest.mark.parametrize(
    ("fields", "automatic", "bulk"),
    [
        ({"Auto_Submitted": "no (really)"}, False, False),
        ({"Auto_Submitted": "AUTO-GENERATED; x=y"}, True, False),
        ({"Precedence": "Bulk"}, False, True),
        ({"List_Unsubscribe": "<https://x.test>"}, False, True),
        ({}, False, False),
    ],
)
def test_automatic_and_bulk_are_told_apart(fields: dict[str, str], automatic: bool, bulk: bool) -> None:
    understood = read(mail(**fields))
    assert (understood.auto_submitted, understood.bulk) == (automatic, bulk)
