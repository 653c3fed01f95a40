"""Who plays the working day: two agents, a lead, a manager; customers, and a supplier. Each has words that are only his.

A canary is a word that nobody else says: where it turns up, somebody's words turned up. It is longer than four letters,
which a signed address may hold by chance.
"""

from dataclasses import dataclass

from tests.desk_driver import CONFIG


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an address; `canary` stands in everything that he writes."""

    name: str
    address: str
    canary: str = ""

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>"


ALICE = Person("Alice", "alice@acme.test", "quokka")
BOB = Person("Bob", "bob@acme.test", "wombat")
LENA = Person("Lena", "lena@acme.test", "numbat")
MONA = Person("Mona", "mona@acme.test", "bandicoot")
STAFF = (ALICE, BOB, LENA, MONA)

JANE = Person("Jane Doe", "jane@customer.test", "platypus")
CARL = Person("Carl Doe", "carl@customer.test", "echidna")
SVEN = Person("Sven Sand", "sven@elsewhere.test", "dotterel")
GRETA = Person("Greta Groß", "greta@kunde.test", "Dachs")
PAULA = Person("Paula Poe", "paula@studio.test", "heron")
QUENTIN = Person("Quentin Poe", "quentin@studio.test", "plover")
OLGA = Person("Olga Oak", "olga@customer.test", "curlew")
SHOPS = tuple(
    Person(name, f"{name.split()[0].lower()}@shop{place}.test", canary)
    for place, (name, canary) in enumerate(
        [("Ann Ash", "bittern"), ("Ben Bay", "dunlin"), ("Cia Cole", "fulmar"), ("Dan Day", "gannet"), ("Eve Elm", "grebe")],
        1,
    )
)  # fmt: skip
IDA = Person("Ida Ives", "ida@reader.test", "petrel")
READERS = (
    Person("Kim King", "kim@reader1.test"),
    Person("Leo Lang", "leo@reader2.test"),
    Person("May Moss", "may@reader3.test"),
)
VENDOR = Person("Vendor Help", "help@vendor.test", "cormorant")
CUSTOMERS = (JANE, CARL, SVEN, GRETA, PAULA, QUENTIN, OLGA, *SHOPS, IDA, *READERS)
OUTSIDE = (*CUSTOMERS, VENDOR)

DAY_CONFIG = (
    CONFIG.partition("[[agents]]")[0]
    .replace('"root@acme.test"', '"lena@acme.test"')
    .replace("[database]", 'canned_dir = "canned"\n\n[database]')
    + """
[[inboxes]]
addresses = ["support@acme.test"]
team = "first-line"

[[agents]]
name = "alice"
display_name = "Alice"
email = "alice@acme.test"
teams = ["first-line"]

[[agents]]
name = "bob"
display_name = "Bob"
email = "bob@acme.test"
teams = ["first-line"]
notify = {{ new_ticket = "digest" }}
digest_at = "16:00"

[[agents]]
name = "lena"
display_name = "Lena"
email = "lena@acme.test"
role = "admin"

[[agents]]
name = "mona"
display_name = "Mona"
email = "mona@acme.test"
role = "manager"

[[roles]]
name = "manager"
may = ["read", "note", "judge"]

[authentication]
trusted_authserv_ids = ["mx.acme.test"]
"""
)

CANNED = {
    "hardware/off-and-on.md": """---
title: Turn it off and on
commands: ["#waiting"]
---
Hello {{ customer.first_name }},

please turn the printer off, wait for a minute, and turn it on again. Does it still smoke?
""",
    "bulk/recall.md": """---
title: Battery recall
---
Hello {{ customer.first_name }},

the battery of your P12 may get hot. Please stop using it; we send you a new one.
""",
}
