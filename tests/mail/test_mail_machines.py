"""The automatic mails of the programs that a desk meets, and people's mails that use the same words."""

import pytest

from maild.mail.model import InboundMail, Kind
from tests.mail.mails import mail, multipart, part, read

AUTO = {Kind.AUTO_REPLY, Kind.VACATION}
QMAIL = (
    "Hi. This is the qmail-send program at x.test.\nI'm afraid I wasn't able to deliver your message to the following "
    "addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<bob@x.test>:\nSorry, no mailbox "
    "here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <support@acme.test>\n"
)
EXIM = (
    "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to "
    "one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  bob@x.test\n"
    "    host mx.x.test [192.0.2.1]\n    SMTP error from remote mail server after RCPT TO:<bob@x.test>:\n"
    "    550 5.1.1 User unknown\n"
)

# Fields as the programs write them, the text, and what the mail is.
MACHINES: dict[str, tuple[dict[str, str | None], str, set[Kind]]] = {
    "RT autoreply": (
        {"Subject": "[acme.test #12] AutoReply: Printer", "X_RT_Loop_Prevention": "acme.test", "Precedence": "bulk",
         "RT_Ticket": "acme.test #12", "X_Managed_By": "RT 5.0.5", "Auto_Submitted": "auto-replied"},
        "Greetings,\n\nThis message has been automatically generated in response to your request.", AUTO),
    "osTicket": (
        {"Subject": "Support Ticket Opened [#123]", "X_Autoreply": "yes", "Precedence": "auto_reply",
         "X_Auto_Response_Suppress": "DR, RN, OOF, AutoReply", "Auto_Submitted": "auto-replied"},
        "A request for support has been created.", AUTO),
    "FreeScout": (
        {"Subject": "Request Received: Printer", "Auto_Submitted": "auto-replied", "X_FreeScout_Mail_Type": "auto.reply"},
        "We have received your message.", AUTO),
    "Gmail vacation": (
        {"Subject": "Away this week Re: Printer", "Precedence": "bulk", "X_Autoreply": "yes",
         "Auto_Submitted": "auto-replied", "In_Reply_To": "<out.1@acme.test>"},
        "I am on vacation until Monday.", AUTO),
    "Exchange": (
        {"Subject": "Automatic reply: Printer", "Auto_Submitted": "auto-generated", "X_Auto_Response_Suppress": "All",
         "Return_Path": "<>", "In_Reply_To": "<out.1@acme.test>"},
        "I am out of the office.", AUTO),
    "Exchange of old": (
        {"Subject": "Out of Office AutoReply: Printer", "X_MS_TNEF_Correlator": "<x>"}, "I'll be back on Monday.", AUTO),
    "GroupWise": (
        {"Subject": "Re: Printer (Out of office)", "Auto_Submitted": "auto-replied", "X_Mailer": "GroupWise 18"},
        "I am on annual leave.", AUTO),
    "Lotus Notes": (
        {"Subject": "AUTO: Bob Roe is out of the office (returning 05/01/2026)", "X_MIMETrack": "Itemize by SMTP"},
        "I am out of the office until 05/01/2026.", AUTO),
    "cPanel": (
        {"Subject": "Thank you", "X_Autorespond": "thank you", "Precedence": "auto_reply"}, "We will answer.", AUTO),
    "Sieve vacation": (
        {"Subject": "Auto: Printer", "Auto_Submitted": "auto-replied (vacation)", "Precedence": "bulk"}, "Away.", AUTO),
    "Mailman's moderator": (
        {"Subject": "Your message to Users awaits moderator approval", "From": "users-bounces@lists.x.test",
         "X_List_Administrivia": "yes", "Precedence": "bulk", "List_Id": "<users.lists.x.test>"},
        "Is being held until the list moderator can review it for approval.", {Kind.AUTO_REPLY}),
    "Amazon's answer": ({"Subject": "Thanks", "X_Amazon_Auto_Reply": "true"}, "Thank you for contacting us.", AUTO),
    "qmail": (
        {"Subject": "failure notice", "From": "MAILER-DAEMON@x.test", "Return_Path": "<>"}, QMAIL, {Kind.BOUNCE}),
    "Exim": (
        {"Subject": "Mail delivery failed: returning message to sender", "From": "Mail Delivery System <Mailer-Daemon@x.test>",
         "X_Failed_Recipients": "bob@x.test", "Auto_Submitted": "auto-replied"}, EXIM, {Kind.BOUNCE}),
    "Exim's warning": (
        {"Subject": "Warning: message 1abcde-0000-00 delayed 24 hours", "From": "Mailer-Daemon@x.test", "Return_Path": "<>",
         "Auto_Submitted": "auto-replied"},
        ("A message that you sent has not yet been delivered to one or more of its recipients after more than 24 hours.\n\n"
        "The address to which the message has not yet been delivered is:\n\n  bob@x.test\n\nNo action is required. "
        "Delivery attempts will continue for some time."), {Kind.BOUNCE}),
    "Sendmail": (
        {"Subject": "Returned mail: see transcript for details", "From": "Mail Delivery Subsystem <MAILER-DAEMON@x.test>",
         "Auto_Submitted": "auto-generated (failure)"},
        ("The original message was received.\n\n   ----- The following addresses had permanent fatal errors -----\n"
        "<bob@x.test>\n    (reason: 550 5.1.1 User unknown)\n"), {Kind.BOUNCE}),
    "Domino": (
        {"Subject": "DELIVERY FAILURE: User bob (bob@x.test) not listed in Domino Directory", "From": "Postmaster@x.test"},
        "Your message\n\n  Subject: Printer\n\nwas not delivered to:\n\n  bob@x.test\n\nbecause:\n\n  User bob not listed",
        {Kind.BOUNCE}),
    "GroupWise's bounce": (
        {"Subject": "Message status - undeliverable", "From": "Mailer-Daemon@x.test", "Return_Path": "<>"},
        "The message that you sent was undeliverable to the following:\n\tbob (user not found)", {Kind.BOUNCE}),
    "German provider": (
        {"Subject": "Unzustellbar: Drucker", "From": "postmaster@x.test"},
        "Ihre Nachricht konnte nicht zugestellt werden: bob@x.test", {Kind.BOUNCE}),
    "SpamAssassin": ({"Subject": "Win", "X_Spam_Flag": "YES"}, "Money", {Kind.SPAM}),
    "SpamAssassin's status": ({"Subject": "Win", "X_Spam_Status": "Yes, score=9.1 required=5.0"}, "Money", {Kind.SPAM}),
    "rspamd": ({"Subject": "Win", "X_Spam": "Yes"}, "Money", {Kind.SPAM}),
    "rspamd's action": ({"Subject": "Win", "X_Rspamd_Action": "add header"}, "Money", {Kind.SPAM}),
    "Barracuda": ({"Subject": "Win", "X_Barracuda_Spam_Flag": "YES"}, "Money", {Kind.SPAM}),
    "bogofilter": ({"Subject": "Win", "X_Bogosity": "Spam, tests=bogofilter"}, "Money", {Kind.SPAM}),
}  # fmt: skip

# Machine-made mail with content: it may open a ticket, flagged so that no machine answers it.
CONTENT: dict[str, tuple[dict[str, str | None], bool, bool]] = {
    "Zammad": ({"Precedence": "bulk", "Auto_Submitted": "auto-generated", "X_Auto_Response_Suppress": "All",
                "X_Powered_By": "Zammad - Helpdesk/Support"}, True, True),
    "Zendesk": ({"Auto_Submitted": "auto-generated", "X_Auto_Response_Suppress": "All",
                 "X_Mailer": "Zendesk Mailer"}, True, False),
    "Jira": ({"Auto_Submitted": "auto-generated", "Precedence": "bulk", "X_JIRA_FingerPrint": "ab12"}, True, True),
    "GitHub": ({"Precedence": "list", "List_Id": "x/y <y.x.github.test>", "X_GitHub_Reason": "mention",
                "X_Auto_Response_Suppress": "All"}, False, True),
    "GitLab": ({"Auto_Submitted": "auto-generated", "X_GitLab_Project": "y", "List_Id": "<1.y.x.gitlab.test>"}, True, True),
    "WordPress": ({"From": "WordPress <wordpress@shop.test>", "Reply_To": "bob@x.test", "X_Mailer": "PHPMailer 6.9"},
                  False, False),
    "Contact Form 7": ({"From": "Shop <noreply@shop.test>", "Reply_To": "bob@x.test", "X_WPCF7_Content_Type": "text/plain"},
                       False, False),
    "Nagios": ({"From": "nagios@mon.test", "Subject": "** PROBLEM Service Alert: db/disk is CRITICAL **",
                "Auto_Submitted": "auto-generated"}, True, False),
    "cron": ({"From": "root@x.test", "Subject": "Cron <root@x> backup", "Auto_Submitted": "auto-generated",
              "Precedence": "bulk"}, True, True),
    "Google Groups": ({"Precedence": "list", "List_Id": "<support.acme.test>", "Mailing_List": "list support@acme.test"},
                      False, True),
}  # fmt: skip

# People who write about such things.
PEOPLE: dict[str, tuple[dict[str, str | None], str]] = {
    "asks about absences": ({"Subject": "Out of office - how do I set it up?"}, "I can not find the menu."),
    "asks about automatic replies": ({"Subject": "Automatic reply: why is it sent twice?"}, "See the subject."),
    "asks in German": ({"Subject": "Abwesenheitsnotiz einrichten - wie?"}, "Ich finde das Menü nicht."),
    "asks in French": ({"Subject": "Absence du bureau - comment l'activer ?"}, "Je ne trouve pas."),
    "will be away": ({"Subject": "Printer"}, "Please come soon, I am on vacation from Monday, out of the office until May."),
    "an auto-reply is broken": ({"Subject": "Autoreply is broken"}, "It says out of office all the time."),
    "hands on a bounce": ({"Subject": "Fwd: Undelivered Mail Returned to Sender"}, EXIM),
    "hands on a bounce in German": ({"Subject": "WG: Unzustellbar: Drucker"}, EXIM),
    "answers a bounce": ({"Subject": "Re: Mail delivery failed", "In_Reply_To": "<1@x.test>"}, "I will try again."),
    "complains of a bounce": ({"Subject": "Mail delivery to bob@x.test"}, "My mail was returned to sender. Why?"),
    "delivery of goods": ({"Subject": "Delivery failed: parcel 123"}, "The courier could not deliver the printer."),
    "is a postmaster": ({"From": "postmaster@x.test", "Subject": "Your server"}, "Your server has a wrong name."),
    "uses Outlook": ({"X_Auto_Response_Suppress": "DR, OOF, AutoReply"}, "It burns."),
    "uses a careful filter": ({"X_Spam_Status": "No, score=-1.9", "X_Spam_Flag": "NO", "X_Spam": "no"}, "It burns."),
    "says no to robots": ({"Auto_Submitted": "no"}, "It burns."),
    "through a redirecting rule": ({"X_MS_Exchange_Inbox_Rules_Loop": "jane@customer.test"}, "It burns."),
    "a subject of a report": ({"Subject": "Report for the domain"}, "See the file."),
    "undeliverable goods": ({"Subject": "Undeliverable goods came back"}, "The parcel 123 is here again."),
    "a full mailbox": ({"Subject": "Mailbox full"}, "Outlook says that my mailbox is full, what can I do?"),
    "sick note": ({"Subject": "Abwesenheit am Montag"}, "Ich bin am Montag nicht im Büro, bitte am Dienstag kommen."),
}  # fmt: skip


@pytest.mark.parametrize(("fields", "text", "kinds"), MACHINES.values(), ids=MACHINES.keys())
def test_the_automatic_mails_of_programs_are_recognised(
    fields: dict[str, str | None], text: str, kinds: set[Kind]
) -> None:
    understood = read(mail(text, **fields))
    assert understood.kind in kinds, understood.kind_because


@pytest.mark.parametrize(("fields", "automatic", "bulk"), CONTENT.values(), ids=CONTENT.keys())
def test_machine_made_mail_with_content_is_normal_and_flagged(
    fields: dict[str, str | None], automatic: bool, bulk: bool
) -> None:
    understood = read(mail("Disk full on db1. It does not exist any more.", **fields))
    assert understood.kind is Kind.NORMAL, understood.kind_because
    assert (understood.auto_submitted, understood.bulk) == (automatic, bulk)


@pytest.mark.parametrize(("fields", "text"), PEOPLE.values(), ids=PEOPLE.keys())
def test_people_who_use_the_words_of_machines_are_people(fields: dict[str, str | None], text: str) -> None:
    understood = read(mail(text, **fields))
    assert understood.kind is Kind.NORMAL, understood.kind_because


AWAY = {
    "en": ("Automatic reply: Printer", "I am out of the office until Monday."),
    "de": ("Automatische Antwort: Drucker", "Ich bin bis Montag nicht im Büro."),
    "fr": ("Réponse automatique : Imprimante", "Je suis absent jusqu'à lundi."),
    "es": ("Respuesta automática: Impresora", "Estoy fuera de la oficina hasta el lunes."),
    "it": ("Risposta automatica: Stampante", "Sono fuori ufficio fino a lunedì."),
    "pt": ("Resposta automática: Impressora", "Estou fora do escritório até segunda-feira."),
    "nl": ("Automatisch antwoord: Printer", "Ik ben tot maandag op vakantie."),
    "pl": ("Automatyczna odpowiedź: Drukarka", "Do poniedziałku jestem na urlopie."),
    "sv": ("Automatiskt svar: Skrivare", "Jag är på semester till måndag."),
    "da": ("Automatisk svar: Printer", "Jeg er på ferie indtil mandag."),
    "cs": ("Automatická odpověď: Tiskárna", "Do pondělí mám dovolenou."),
    "ru": ("Автоматический ответ: Принтер", "Я в отпуске до понедельника."),
    "ja": ("自動応答: プリンタ", "月曜日まで休暇をいただいております。"),
    "zh": ("自动回复: 打印机", "我休假到星期一。"),
}


@pytest.mark.parametrize(("subject", "text"), AWAY.values(), ids=AWAY.keys())
def test_an_absence_is_recognised_in_each_language(subject: str, text: str) -> None:
    # given
    by_subject = mail("x", Subject=subject)
    by_text = mail(text, Subject="Re: TICK-1001", Auto_Submitted="auto-replied")
    of_a_person = mail(text, Subject="Printer")
    # when
    kinds = [read(source).kind for source in (by_subject, by_text, of_a_person)]
    # then
    assert kinds == [Kind.VACATION, Kind.VACATION, Kind.NORMAL]


def report(kind: str, subtype: str, status: str, **fields: str) -> InboundMail:
    body, container = multipart(
        f"report; report-type={kind}", part(b"It could not be delivered."), part(status.encode(), f"message/{subtype}")
    )
    return read(mail(body, Content_Type=container.replace("; boundary", ";\r\n boundary"), **fields))


@pytest.mark.parametrize(
    ("sender", "subject", "status"),
    [
        ("MAILER-DAEMON@x.test (Mail Delivery System)", "Undelivered Mail Returned to Sender", "5.1.1"),
        ("MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@x.test", "Undeliverable: Printer", "5.1.10"),
        ("postmaster@x.test", "Unzustellbar: Drucker", "5.1.1"),
        ("MAILER-DAEMON@amazonses.com", "Delivery Status Notification (Failure)", "5.7.1"),
        ("Mail Delivery Subsystem <mailer-daemon@googlemail.test>", "Delivery Status Notification (Failure)", "5.1.1"),
        ("Mail Delivery Subsystem <MAILER-DAEMON@x.test>", "Warning: could not send message for past 4 hours", "4.4.1"),
    ],
    ids=["postfix", "exchange", "german", "ses", "gmail", "sendmail"],
)
def test_delivery_reports_of_mail_servers_are_bounces(sender: str, subject: str, status: str) -> None:
    # given
    action = "delayed" if status.startswith("4") else "failed"
    told = (
        f"Reporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; Bob@x.test\r\nAction: {action}\r\nStatus: {status}\r\n"
    )
    # when
    understood = report("delivery-status", "delivery-status", told, From=sender, Subject=subject)
    # then
    assert understood.kind is Kind.BOUNCE
    assert [(item.address, item.hard, item.status) for item in understood.bounced] == [
        ("bob@x.test", status.startswith("5"), status)
    ]


def test_of_an_address_behind_an_alias_both_were_not_reached() -> None:
    told = (
        "Reporting-MTA: dns; x\r\n\r\nOriginal-Recipient: rfc822; sales@x.test\r\nFinal-Recipient: rfc822; bob@y.test\r\n"
        "Action: failed\r\nStatus: 5.1.1\r\n"
    )
    understood = report("delivery-status", "delivery-status", told, From="MAILER-DAEMON@x.test")
    assert [item.address for item in understood.bounced] == ["sales@x.test", "bob@y.test"]


def test_a_read_receipt_and_an_abuse_report_are_told_apart_from_mail() -> None:
    read_it = report(
        "disposition-notification", "disposition-notification", "Disposition: manual-action; displayed\r\n"
    )
    abuse = report("feedback-report", "feedback-report", "Feedback-Type: abuse\r\n")
    assert (read_it.kind, abuse.kind) == (Kind.RECEIPT, Kind.REPORT)


@pytest.mark.parametrize("subtype", ["delivery-status", "disposition-notification", "feedback-report"])
def test_a_person_who_hands_on_the_parts_of_a_report_is_a_person(subtype: str) -> None:
    # given
    status = b"Reporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; bob@x.test\r\nAction: failed\r\n"
    body, container = multipart("mixed", part(b"What is this?"), part(status, f"message/{subtype}"))
    # then
    assert read(mail(body, Content_Type=container, Subject="Fwd: Undelivered Mail")).kind is Kind.NORMAL


TOLD = {
    "a line of its own": (
        "------- Failure Reasons  --------\n\nUser  not listed in public Name & Address Book\nbob@x.test\n",
        True,
        None,
    ),
    "behind a word": (
        "Delivery failed 10 attempts: bob@x.test\n\nOriginal message follows.\n\nTo: eve@x.test",
        True,
        None,
    ),
    "a dialogue": ("MAIL FROM:<support@acme.test>\nRCPT TO:<bob@x.test>\n550 5.1.1 user unknown", True, "5.1.1"),
    "Japanese": (
        "次のあて先へのメッセージは送信できませんでした。\n\n    Recipient: <bob@x.test>\n    <<< 550 no",
        True,
        None,
    ),
    "German": (
        "Die Nachricht konnte nicht zugestellt werden.\n\nEmpfänger: bob@x.test\n\nContact: eve@x.test",
        True,
        None,
    ),
    "a full mailbox": ("Your mail could not be delivered to <bob@x.test>: the mailbox is full.", False, None),
    "a delay": ("Delivery to bob@x.test has been delayed, status 4.4.1. We will keep trying.", False, "4.4.1"),
    "our own address beside it": ("Your mail of support@acme.test to bob@x.test could not be delivered", True, None),
}


@pytest.mark.parametrize(("text", "hard", "status"), TOLD.values(), ids=TOLD.keys())
def test_a_bounce_in_words_of_its_own_says_who_was_not_reached(text: str, hard: bool, status: str | None) -> None:
    understood = read(mail(text, From="postmaster@mx.x.test", Subject="Undeliverable: Printer", Return_Path="<>"))
    assert understood.kind is Kind.BOUNCE
    assert [(item.address, item.hard, item.status) for item in understood.bounced] == [("bob@x.test", hard, status)]
