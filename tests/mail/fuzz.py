"""Coverage-guided fuzzing of `understand`, by hand: `python -m tests.mail.fuzz CORPUS_FOLDER -max_total_time=300`.

Needs `pip install atheris`. What it finds is kept as a plain test in test_mail_hostile.py.
"""

import sys

import atheris

with atheris.instrument_imports(include=["maild", "mailparser"]):
    from maild.mail.model import Hints, Limits
    from maild.mail.parse import understand

HINTS = Hints(frozenset({"support@acme.test"}), ("Acme Support",), "##- Please type your reply above this line -##")


def one(source: bytes) -> None:
    """Must never raise, whatever the bytes."""
    mail = understand(source, HINTS, Limits())
    for text in (mail.subject, mail.text, mail.new_text):
        text.encode("utf-8")
        assert "\0" not in text


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
