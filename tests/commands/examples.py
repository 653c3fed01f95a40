"""For each command of the registry one use by mail. A new command needs a row here, or the tests fail."""

from dataclasses import dataclass

from tests.commands.mail_clients import File

PEOPLE = "email;name\nina@customer.test;Ina\nudo@customer.test;Udo\n"


@dataclass(frozen=True, slots=True)
class Example:
    """A mail's text. `{own}` and `{other}` are tickets; `before` is done on the own one by the same agent, first."""

    text: str
    before: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    merged: bool = False  # the other ticket was merged into this one before
    late: bool = False  # a promise was broken since


WORDS = "\n\nHello Jane,\nwe are on it."

EXAMPLES: dict[str, Example] = {
    "note": Example("#note\n\nShe called twice."),
    "reply": Example("#reply" + WORDS),
    "status": Example('#status on hold -- the "part" is late'),
    "open": Example("#open -- we begin"),
    "waiting": Example("#waiting" + WORDS),
    "hold": Example("#hold -- part is late"),
    "resolve": Example("#resolve -- new ribbon" + WORDS),
    "close": Example("#close"),
    "reopen": Example("#reopen", before=("#close",)),
    "priority": Example("#priority high -- the whole office is down"),
    "escalate": Example("#escalate the customer threatens to leave"),
    "assign": Example("#assign bob -- knows the VPN"),
    "take": Example("#take"),
    "drop": Example("#drop -- I am ill", before=("#take",)),
    "category": Example("#category billing"),
    "tag": Example("#tag vpn printer"),
    "untag": Example("#untag vpn", before=("#tag vpn",)),
    "due": Example("#due 2026-03-06 12:00"),
    "followup": Example("#followup 3d does it work?"),
    "action": Example("#action tomorrow call the vendor"),
    "add": Example("#add ida@customer.test" + WORDS),
    "uncc": Example("#uncc ida@customer.test", before=("#add ida@customer.test",)),
    "watch": Example("#watch bob"),
    "unwatch": Example("#unwatch", before=("#watch",)),
    "requester": Example("#requester Ida Ott <ida@customer.test>"),
    "subject": Example("#subject Printer in hall 2 prints nothing"),
    "merge": Example("#merge TICK-{other} -- the same fire"),
    "unmerge": Example("#unmerge {other}", merged=True),
    "split": Example("#split 2 The other printer"),
    "link": Example("#link TICK-{other} part of"),
    "unlink": Example("#unlink {other}", before=("#link {other}",)),
    "ref": Example("#ref order=ORD-1234"),
    "set": Example("#set serial=SN-4711"),
    "todo": Example("#todo order a new ribbon"),
    "done": Example("#done 1", before=("#todo order a new ribbon",)),
    "time": Example("#time 1h 30m"),
    "quality": Example("#quality 4 -- quick and friendly"),
    "cause": Example("#cause waited for the vendor", before=("#priority urgent",), late=True),
    "spam": Example("#spam"),
    "block": Example("#block spammer@evil.test"),
    "supplier": Example("#supplier help@vendor.test\n\nHow long does a new one take?"),
    "for": Example("#for Ida Ott <ida@customer.test> -- she called" + WORDS),
    "bulk": Example("#bulk recall", files=(File("people.csv", "text/csv", PEOPLE),)),
    "undo": Example("#undo", before=("#tag vpn",)),
    "delete": Example("#delete TICK-{own}"),
    "list": Example('#list is:open "on fire"'),
    "search": Example('#search "on fire" printer'),
    "show": Example("#show TICK-{own}"),
    "history": Example("#history {own}"),
    "customer": Example("#customer jane@customer.test"),
    "canned": Example("#canned recall"),
    "away": Example("#away until monday"),
    "back": Example("#back"),
    "notify": Example("#notify change digest"),
    "help": Example("#help assign"),
}
