"""What `maild ingest` reads: stdin, .eml, mbox, Maildir, byte for byte (IN-3)."""

import io
import mailbox
from pathlib import Path

import pytest

from maild.errors import PermanentError
from maild.intake.files import is_separator, read_files, unquoted

MAIL = b"From: ann@example.org\nSubject: hello\n\nFrom here on\n>From there\nline without end"
FROM_LINE = b"From ann@example.org Sat Nov 21 09:30:00 2026\n"


def read(*paths: Path | str, stdin: bytes = b"", **more: int) -> list[tuple[str, bytes]]:
    return list(read_files(paths, io.BytesIO(stdin), **more))  # type: ignore[arg-type]


@pytest.mark.parametrize("paths", [(), ("-",)])
def test_stdin_is_one_mail_as_it_came(paths: tuple[str, ...]) -> None:
    assert read(*paths, stdin=MAIL) == [("stdin", MAIL)]


def test_a_from_line_that_a_mail_server_s_pipe_puts_first_is_taken_off() -> None:
    assert read(stdin=FROM_LINE + MAIL) == [("stdin", MAIL)]


def test_a_stranger_cannot_smuggle_a_second_mail_through_the_pipe() -> None:
    body = MAIL + b"\n\n" + FROM_LINE + b"From: boss@acme.test\n\n#close\n"

    assert read(stdin=FROM_LINE + body) == [("stdin", body)]


def test_line_ends_are_kept_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(b"Subject: x\r\n\r\na\nb\r\nc\rd\x00\xff")

    assert read(tmp_path / "a.eml")[0][1] == b"Subject: x\r\n\r\na\nb\r\nc\rd\x00\xff"


def test_an_eml_file_is_one_mail_even_with_a_leading_from_line(tmp_path: Path) -> None:
    (tmp_path / "a.EML").write_bytes(FROM_LINE + MAIL + b"\n\n" + FROM_LINE + MAIL)

    assert [source for _, source in read(tmp_path / "a.EML")] == [MAIL + b"\n\n" + FROM_LINE + MAIL]


def test_a_file_of_any_name_is_one_mail_when_it_is_no_mbox(tmp_path: Path) -> None:
    (tmp_path / "mail").write_bytes(MAIL)

    assert read(tmp_path / "mail") == [(str(tmp_path / "mail"), MAIL)]


def test_an_mbox_that_the_standard_library_wrote_is_read_mail_by_mail(tmp_path: Path) -> None:
    box = mailbox.mbox(tmp_path / "box")
    for number in range(3):
        box.add(b"Subject: %d\n\nFrom here on\n" % number)
    box.close()

    assert [source for _, source in read(tmp_path / "box")] == [
        b"Subject: %d\n\nFrom here on\n" % number for number in range(3)
    ]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_mbox_quoting_is_undone_and_sentences_split_nothing(tmp_path: Path, end: bytes) -> None:
    mail = b"Subject: x\n\nFrom now on all is well\n\nFrom a friend\n\n>From afar\nlast\n".replace(b"\n", end)
    quoted = mail.replace(b">From", b">>From").replace(b"From now", b">From now")
    line = FROM_LINE.replace(b"\n", end)
    (tmp_path / "box").write_bytes(line + quoted + end + line + quoted)

    assert [source for _, source in read(tmp_path / "box")] == [mail, mail]


def test_mails_of_an_mbox_are_numbered(tmp_path: Path) -> None:
    (tmp_path / "box").write_bytes((FROM_LINE + MAIL + b"\n\n") * 2)

    assert [name for name, _ in read(tmp_path / "box")] == [f"{tmp_path}/box#1", f"{tmp_path}/box#2"]


def test_a_huge_line_in_an_mbox_is_no_beginning_of_a_mail(tmp_path: Path) -> None:
    mail = b"Subject: x\n\n" + b"x" * 65_535 + b"\n" + b"y" * 65_536 + FROM_LINE + b"z\n"
    (tmp_path / "box").write_bytes(FROM_LINE + mail)

    assert [source for _, source in read(tmp_path / "box")] == [mail]


def test_what_is_too_large_or_empty_is_refused_by_name_and_the_others_come(tmp_path: Path) -> None:
    (tmp_path / "box").write_bytes(FROM_LINE + b"x" * 500_000 + b"\n\n" + FROM_LINE + b"\n" + FROM_LINE + MAIL)
    refused: list[tuple[str, str]] = []

    found = list(
        read_files(
            [tmp_path / "box"], io.BytesIO(), max_bytes=1000, refuse=lambda name, words: refused.append((name, words))
        )
    )

    assert found == [(f"{tmp_path}/box#3", MAIL.replace(b">From", b"From"))]
    assert refused == [(f"{tmp_path}/box#1", "larger than 1000 bytes"), (f"{tmp_path}/box#2", "empty, no mail")]


def test_a_mail_that_is_exactly_as_large_as_allowed_is_taken(tmp_path: Path) -> None:
    (tmp_path / "box").write_bytes(FROM_LINE + MAIL + b"\n\n" + FROM_LINE + MAIL)
    (tmp_path / "a.eml").write_bytes(MAIL)

    assert len(read(tmp_path / "box", tmp_path / "a.eml", max_bytes=len(MAIL))) == 3
    with pytest.raises(PermanentError, match="larger than"):
        read(tmp_path / "a.eml", max_bytes=len(MAIL) - 1)


def test_a_maildir_is_read_oldest_first_without_what_is_still_being_written(tmp_path: Path) -> None:
    box = mailbox.Maildir(tmp_path / "box")
    for number in range(3):
        box.add(b"Subject: %d\n\n" % number)
    for place, name, content in [("cur", "5.a:2,S", b"read"), ("tmp", "6.b", b"half"), ("new", ".nfs1", b"no mail")]:
        (tmp_path / "box" / place / name).write_bytes(content)

    assert [source for _, source in read(tmp_path / "box")] == [b"read"] + [b"Subject: %d\n\n" % n for n in range(3)]


def test_a_mail_that_a_reader_moves_meanwhile_is_found_and_one_that_is_removed_is_left_out(tmp_path: Path) -> None:
    for place in ("cur", "new"):
        (tmp_path / place).mkdir()
    for name in ("1.a", "2.b", "3.c"):
        (tmp_path / "new" / name).write_bytes(name.encode())

    mails = read_files([tmp_path], io.BytesIO())
    first = next(mails)[1]
    (tmp_path / "new" / "2.b").rename(tmp_path / "cur" / "2.b:2,S")
    (tmp_path / "new" / "3.c").unlink()

    assert [first, *(source for _, source in mails)] == [b"1.a", b"2.b"]


def test_a_folder_of_eml_files_is_read_in_order(tmp_path: Path) -> None:
    for name in ("b.eml", "a.eml", "readme.txt"):
        (tmp_path / name).write_bytes(name.encode())

    assert [source for _, source in read(tmp_path)] == [b"a.eml", b"b.eml"]


def test_a_wrong_path_stops_before_the_first_mail(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(MAIL)

    mails = read_files([tmp_path / "a.eml", tmp_path / "b.eml"], io.BytesIO())

    with pytest.raises(PermanentError, match="no such file"):
        next(mails)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(PermanentError, match="neither a Maildir"):
        read(empty)


@pytest.mark.parametrize(
    ("line", "separates"),
    [
        (FROM_LINE, True),
        (b"From MAILER-DAEMON Fri Jul  8 12:08:34 2011\n", True),
        (b"From 123@xxx Mon Jan 01 00:00:00 +0000 2020\r\n", True),
        (b"From ann Fri Jul 8 12:08 2011\n", True),
        (b"From 1999 on we met at ten\n", False),
        (b"From: ann@example.org\n", False),
        (b">From ann Fri Jul 8 12:08:34 2011\n", False),
    ],
)
def test_which_lines_begin_a_mail(line: bytes, separates: bool) -> None:
    assert is_separator(line) is separates


def test_only_quoted_from_lines_lose_one_mark() -> None:
    assert [unquoted(line) for line in (b">From x", b">>From x", b"> From x", b">from x", b"x")] == [
        b"From x", b">From x", b"> From x", b">from x", b"x",
    ]  # fmt: skip
