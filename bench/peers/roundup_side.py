"""Roundup's side; its own interpreter runs it: `python -m bench.peers.roundup_side make HOME PORT | count HOME`.

The classic template on SQLite, as `roundup-admin install` makes it. Every customer is known, and a detector puts the
agent on the nosy list of each new issue, so that both are told as maild tells them.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.corpus import people

BIN = Path(sys.executable).parent
AGENT = "alice"
SETTINGS = {
    "tracker_name": "desk",
    "tracker_web": "http://desk.test/",
    "tracker_email": "support",
    "mail_domain": "desk.test",
    "mail_host": "127.0.0.1",
    "admin_email": "admin@desk.test",
    "nosy_messages_to_author": "new",  # the customer is told of his new ticket, not of his replies
}
DETECTOR = f"""
def watch(db, cl, nodeid, newvalues):
    newvalues["nosy"] = sorted({{*(newvalues.get("nosy") or []), db.user.lookup("{AGENT}")}})

def init(db):
    db.issue.audit("create", watch)
"""


def make(home: Path, port: int) -> None:
    """A tracker with its people and no issue; its mails go to the sink."""
    settings = ",".join(f"{name}={value}" for name, value in {**SETTINGS, "mail_port": port}.items())
    _admin(home, "install", "classic", "sqlite", settings)
    (home / "detectors" / "watch.py").write_text(DETECTOR)
    _admin(home, "initialise", "secret")
    database = _opened(home)
    database.user.create(username=AGENT, address=f"{AGENT}@desk.test", roles="User")
    for name, address in people():
        database.user.create(username=address, address=address, realname=name, roles="User")
    database.commit()
    database.close()


def count(home: Path) -> tuple[int, int]:
    """Issues and messages."""
    database = _opened(home)
    found = len(database.issue.list()), len(database.msg.list())
    database.close()
    return found


def _admin(home: Path, *words: str) -> None:
    environment = {**os.environ, "TRACKER_HOME": str(home)}
    subprocess.run([BIN / "roundup-admin", "-i", home, *words], env=environment, check=True, stdout=subprocess.DEVNULL)


def _opened(home: Path) -> Any:
    import roundup.instance

    return roundup.instance.open(str(home)).open("admin")


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        print(*count(Path(sys.argv[2])))
