"""A working day with mail only: what everybody does, in order."""

from pathlib import Path

from tests.desk_driver import Sent
from tests.golden.people import (
    ALICE,
    BOB,
    CARL,
    GRETA,
    IDA,
    JANE,
    LENA,
    MONA,
    OLGA,
    PAULA,
    QUENTIN,
    READERS,
    SHOPS,
    SVEN,
    VENDOR,
    Person,
)
from tests.golden.players import Day


def play(folder: Path, url: str) -> Day:
    """The whole day and the evening; the desk is left open."""
    day = Day(folder, url)
    for part in PARTS:
        part(day)
    return day


def _new(day: Day, who: Person, number: int) -> Sent:
    """The mail by which somebody learned of a new ticket."""
    return next(
        each for each in day.to(who) if each.event == "new_ticket" and each["X-Maild-Ticket"] == f"TICK-{number}"
    )


def the_printer(day: Day) -> None:
    """Jane's printer burns. Alice looks at what nobody has, takes it by one click, asks Bob, and answers."""
    day.writes(JANE, "Hello,\n\nthe printer in room 12 burns. It has a platypus on it.\n\nJane", "Printer on fire")
    day.writes(CARL, "The printer of room 12 smokes and smells of echidna!", "Smoke from the printer")
    day.writes(ALICE, "#list is:unassigned\n")
    day.clicks(ALICE, day.last(ALICE), "Take", 1001)
    day.answers(ALICE, _new(day, ALICE, 1001), "#note\n\n@bob have you seen such a thing before? quokka")
    day.answers(BOB, day.last(BOB, "note"), "Yes, the same model in May; a wombat in the fan.")
    commands = "#priority high -- quokka: fire\n#todo order a new fan\n#due friday\n#waiting"
    day.answers(ALICE, _new(day, ALICE, 1001), f"{commands}\n\n/off-and-on")
    day.answers(JANE, day.last(JANE, "answer"), "Yes, it does, and the platypus melts.")


def the_double(day: Day) -> None:
    """Carl sits beside Jane, Sven in another company: their tickets go into hers."""
    day.writes(SVEN, "A printer P12 burns here, too. Our dotterel is afraid.", "P12 burns")
    day.answers(ALICE, _new(day, ALICE, 1002), "#merge TICK-1001 -- the same printer, says quokka")
    day.answers(ALICE, _new(day, ALICE, 1003), "#merge TICK-1001 -- the same fan")


def the_vendor(day: Day) -> None:
    """A thread with the supplier that no customer sees."""
    reply = day.last(ALICE, "customer_reply")
    day.answers(ALICE, reply, f"#supplier {VENDOR}\n\nYour model P12 burns. Is there a new fan?")
    day.answers(VENDOR, day.last(VENDOR), "Yes, a fan for 12 EUR, and a free cormorant.")
    day.answers(ALICE, day.last(ALICE, "supplier_reply"), "Please send one.")


def the_end_of_the_printer(day: Day) -> None:
    """Solved with words, not solved after all, solved without words, rated badly."""
    day.answers(ALICE, day.last(ALICE, "customer_reply"), "#resolve\n#time 40m\n\nThe new fan is in. Please try again.")
    day.clicks(JANE, day.last(JANE), "No, still broken", more="It smokes again, says the platypus.\n")
    reply = day.last(ALICE, "customer_reply")
    day.answers(ALICE, reply, "#note\n#tim 20m\n\nThe fan was upside down: quokka.")
    day.answers(
        ALICE, day.last(ALICE, "commands_refused"), "#note\n#time 20m\n#done 1\n\nThe fan was upside down: quokka."
    )
    day.clicks(ALICE, reply, "Resolve")
    day.clicks(JANE, day.last(JANE, "resolved"), "Yes, it is solved")
    day.clicks(JANE, day.last(JANE, "resolved"), "2", more="It took three visits. Ask the platypus.\n")


def in_german(day: Day) -> None:
    """Greta writes German and is answered in it, the notices too."""
    words = "Guten Tag,\n\nich kann mich nicht anmelden, der Dachs ist schuld.\n\nMit freundlichen Grüßen\nGreta Groß"
    day.writes(GRETA, words, "Anmeldung geht nicht")
    day.answers(ALICE, _new(day, ALICE, 1004), "#resolve\n\nGuten Tag Frau Groß,\n\nIhr Passwort ist zurückgesetzt.")
    day.clicks(GRETA, day.last(GRETA), "Ja, es ist gelöst")
    day.clicks(GRETA, day.last(GRETA), "5")


def with_a_colleague(day: Day) -> None:
    """Paula writes with Quentin on Cc. Lena gives it to Bob; He pastes her note by accident.

    Paula asks where it stands, Quentin wants no more mails.
    """
    day.writes(PAULA, "We wait for an invoice with a heron on it.", "Invoice of February", cc=str(QUENTIN))
    day.writes(LENA, "#show 1005\n")
    day.clicks(LENA, day.last(LENA), "Show", 1005)
    day.clicks(LENA, day.last(LENA), "Note", 1005, more="@bob please take this one today, numbat asks.\n")
    day.clicks(BOB, day.last(BOB, "note"), "Take")
    day.answers(
        BOB, day.last(BOB, "note"), "#reply\n\nplease take this one today, numbat asks.\n\nI ask our bookkeeping."
    )
    day.answers(BOB, day.last(BOB, "note"), "#reply\n\nI ask our bookkeeping.")
    day.answers(PAULA, day.last(PAULA, "answer"), "#status")
    day.answers(QUENTIN, day.last(QUENTIN, "answer"), "The plover invoice is too high as well.")
    day.clicks(QUENTIN, day.last(QUENTIN, "answer"), "On copy only? No more mails about this request")
    day.answers(BOB, day.last(BOB, "customer_reply"), "It is on its way.")
    day.clicks(BOB, day.last(BOB, "customer_reply"), "Close")


def two_things(day: Day) -> None:
    """Olga asks a second thing in the same thread: it becomes a ticket of its own, which Lena gives to Alice."""
    day.writes(OLGA, "My monitor flickers like a curlew.", "Monitor flickers")
    day.answers(ALICE, _new(day, ALICE, 1006), "#waiting\n\nIs the cable plugged in?")
    day.answers(OLGA, day.last(OLGA, "answer"), "It was loose, thanks. And may I have a second curlew keyboard?")
    day.answers(ALICE, day.last(ALICE, "customer_reply"), "#split A second keyboard\n#resolve")
    day.writes(LENA, "#list unassigned\n")
    day.clicks(LENA, day.last(LENA), "Show", 1007)
    day.answers(LENA, day.last(LENA), "#assign bob -- numbat: keyboards are yours")


def an_incident(day: Day) -> None:
    """Five shops report one outage. Lena ties them together, tells all at once, and ends it at once."""
    for shop in SHOPS:
        day.writes(shop, f"Our shop shows an error: {shop.canary}.", "The shop is down")
    mails = [each for each in day.to(ALICE) if each.event == "new_ticket"][-len(SHOPS) :]
    links = "\n".join(f"#link {each['X-Maild-Ticket']}" for each in mails[1:])
    day.answers(ALICE, mails[0], f"#take\n#escalate -- quokka: all shops\n{links}")
    day.answers(ALICE, mails[0], "#reply linked\n\nWe know of it and work on it.")
    day.answers(ALICE, mails[0], "#resolve linked\n\nAll shops work again since 14:00. We are sorry.")


def writing_first(day: Day) -> None:
    """Outreach to one, then to many."""
    day.writes(
        ALICE,
        f"#for {IDA}\n#priority high\n\nDear Ida,\n\nyour contract ends in May. Shall we renew it?",
        "Your contract",
    )
    day.answers(IDA, day.last(IDA), "Yes please, for a petrel's life.")
    rows = "".join(f"{each.address};{each.name};P12\n" for each in READERS)
    day.writes(ALICE, "#bulk recall\n", "Battery recall", csv="email;name;model\n" + rows)


def looking_things_up(day: Day) -> None:
    """Bob looks for an old answer; Mona asks who did what."""
    day.writes(BOB, '#search "upside down"\n#customer jane@customer.test\n#canned off-and-on\n#help merge\n')
    day.writes(MONA, "#history TICK-1001\n")


def going_home(day: Day) -> None:
    """Alice is away until Wednesday and wants changes together; the digest comes in the morning."""
    day.writes(ALICE, "#away until wednesday\n#notify change digest\n#notify answer_copy digest\n")
    day.passes(hours=12)


PARTS = (
    the_printer, the_double, the_vendor, the_end_of_the_printer, in_german, with_a_colleague, two_things,
    an_incident, writing_first, looking_things_up, going_home,
)  # fmt: skip
