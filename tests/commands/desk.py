"""A desk that has words for every command: categories, fields, canned responses, and agents of all kinds."""

from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.commands.examples import Example
from tests.desk_driver import PROVEN, DeskDriver, Sent, written

SAM, NINA = "Sam <sam@acme.test>", "Nina <nina@acme.test>"
CONFIG = """
[desk]
name = "Acme Support"
address = "support@acme.test"
timezone = "Europe/Berlin"
canned_dir = "canned"

[database]
url = "{url}"

[tickets]
categories = ["billing", "technical"]

[[fields]]
name = "serial"

[[agents]]
name = "sam"
email = "sam@acme.test"
role = "super-admin"
teams = ["first-line"]

[[agents]]
name = "bob"
email = "bob@acme.test"
teams = ["network"]
notify = {{ new_ticket = "off", customer_reply = "off" }}

[[agents]]
name = "nina"
email = "nina@acme.test"
role = "network-only"
teams = ["network"]
notify = {{ new_ticket = "off" }}

[[roles]]
name = "network-only"
may = ["read", "answer", "note", "change", "assign", "merge", "outreach", "supplier", "block", "judge", "release"]
sees = "team:network"

[[sla]]
name = "urgent things"
targets = {{ urgent = {{ first_response = "5m" }} }}

[authentication]
trusted_authserv_ids = ["mx.acme.test"]
"""
RECALL = "---\ntitle: Battery recall\n---\nHello {{ customer.first_name }},\n\nplease send your battery back.\n"
TURN = '---\ntitle: Turn it off\ncommands = ["#waiting"]\n---\nPlease turn it off and on.\n'
_customers = count(1)


def desk_with_words(folder: Path, url: str) -> DeskDriver:
    """Sam may everything, Nina everything on tickets of the network team; Bob is a plain agent."""
    (folder / "canned/mail").mkdir(parents=True)
    (folder / "canned/mail/recall.md").write_text(RECALL)
    (folder / "canned/mail/turn.md").write_text(TURN)
    return DeskDriver(folder, url, CONFIG)


@dataclass(frozen=True, slots=True)
class Case:
    """Two tickets of one customer, Sam's notification of the first, and how far their histories went."""

    customer: str
    own: int
    other: int
    notice: Sent
    seq: int
    other_seq: int

    def text(self, example: Example) -> str:
        """The mail's text with the numbers in it."""
        return self.filled(example.text)

    def filled(self, line: str) -> str:
        return line.replace("{own}", str(self.own)).replace("{other}", str(self.other))


def opened(desk: DeskDriver, example: Example) -> Case:
    """Two fresh tickets, made ready for the example."""
    number = next(_customers)
    customer = f"c{number}@customer.test"
    author = f"Jane Doe <{customer}>"
    if example.text.startswith(("#away", "#back")):
        desk.receive(written(author=SAM, subject="here", body="#back\n", headers=PROVEN), trusted=True)
    own = desk.receive(written(author=author, body=f"The printer {number} is on fire.\n")).ticket
    notice = desk.relay.to("sam@acme.test")[-1]
    if "#split" in example.text:
        ack = desk.relay.to(customer)[-1]
        desk.answer(ack, f"The other printer {number} burns, too.", author=author)
    other = own
    if "{other}" in example.text:
        scanner = written(author=author, subject="Scanner", body=f"The scanner {number} burns, too.\n")
        other = desk.receive(scanner).ticket
    assert own is not None
    assert other is not None
    case = Case(customer, own, other, notice, 0, 0)
    if example.merged:
        desk.do(other, f"#merge {own}", "sam")
    for line in example.before:
        desk.do(own, case.filled(line), "sam")
    if example.late:
        desk.clock.advance(hours=1)
        desk.tick()
    desk.relay.take()
    return Case(customer, own, other, notice, desk.ticket(own).seq, desk.ticket(other).seq)
