"""`python -m tests.golden.rewrite`: plays the day and keeps its mails; read the difference before you commit it."""

import sys
import tempfile
from pathlib import Path

from tests.golden.day import play
from tests.golden.written import kept, rewrite


def main() -> int:
    """Prints the names of what changed."""
    with tempfile.TemporaryDirectory() as folder:
        day = play(Path(folder), f"sqlite:///{folder}/maild.db")
        day.desk.close()
    changed = rewrite(kept(day.mails))
    sys.stdout.write("".join(f"{name}\n" for name in changed) or "every mail is as it was\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
