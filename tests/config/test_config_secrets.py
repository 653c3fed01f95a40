"""No secret is ever shown: not by a configuration, not by a mistake in it; and the signing keys are kept well."""

import base64
import threading
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from maild.config import Config, fingerprint, knows, load_or_make_secret, load_text
from maild.errors import ConfigError

CANARY = "hunter2canary"
WITH_SECRETS = f"""
[desk]
name = "Acme"
address = "support@acme.test"
[database]
url = "postgresql+psycopg://u:{CANARY}@h/d"
[delivery]
url = ["smtp://u:{CANARY}@h", "smtps://u:{CANARY}@h"]
[[agents]]
name = "alice"
email = "alice@acme.test"
password = "{CANARY}"
[[imap]]
host = "h"
username = "u"
password = "{CANARY}"
[[imap]]
host = "h2"
username = "u"
oauth = {{ token_url = "t", client_id = "c", client_secret = "{CANARY}", refresh_token = "{CANARY}" }}
"""


def test_a_configuration_shows_no_secret() -> None:
    config = load_text(WITH_SECRETS)

    shown = [f(part) for f in (repr, str) for part in (config, config.delivery, config.imap, config.passwords)]

    assert CANARY not in "".join(shown)
    assert config.delivery.urls[0] == f"smtp://u:{CANARY}@h"


@pytest.mark.parametrize(
    "more",
    [
        f'[delivery]\nurl = "smpt://u:{CANARY}@h"',
        f'[delivery]\nurl = "smtp://u:{CANARY}/x@h:25"',
        f'[delivery]\nurl = "smtp://u:x@h:{CANARY}"',
        f'[delivery]\nurl = "{CANARY}"',
        f'[database]\nurl = "mysql://u:{CANARY}@h/d"',
        f'[database]\nurl = ["{CANARY}"]',
        f'[[imap]]\nhost = "h"\npasword = "{CANARY}"',
        f'[[imap]]\npassword = ["{CANARY}"]',
        f'[[imap]]\npassword = {{ evn = "{CANARY}" }}',
        f'[[imap]]\noauth = "{CANARY}"',
        f'[[agents]]\npassword = "{CANARY}',
        f"[[agents]]\npassword = {CANARY}",
        f'[[agents]]\nname = "a"\npassword = "{CANARY}"\npassword = "{CANARY}"',
        f'password = "{CANARY}"',
    ],
)
def test_a_mistake_shows_no_secret_even_with_its_traceback(problems: Callable[..., list[str]], more: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_text(more)

    assert CANARY not in "".join(traceback.format_exception(caught.value))
    assert CANARY not in "".join(caught.value.problems)


def test_a_missing_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"

    keys = load_or_make_secret(file)

    assert len(keys) == 1
    assert len(keys[0]) == 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert load_or_make_secret(file) == keys
    assert [each.name for each in tmp_path.iterdir()] == ["secret.key"]


def test_many_starts_at_once_agree_on_one_key(tmp_path: Path) -> None:
    gate = threading.Barrier(8)
    found: list[tuple[bytes, ...]] = []

    def start() -> None:
        gate.wait()
        found.append(load_or_make_secret(tmp_path / "secret.key"))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_key_that_others_can_read_is_refused_with_what_to_do(
    tmp_path: Path, config: Callable[..., Config], problems: Callable[..., list[str]]
) -> None:
    file = tmp_path / "secret.key"
    load_or_make_secret(file)
    config("")

    for mode in (0o640, 0o604, 0o660):
        file.chmod(mode)
        with pytest.raises(ConfigError, match="chmod 600"):
            load_or_make_secret(file)
        assert "desk.secret_file" in problems("")[0]


def test_keys_rotate_the_first_signs_and_all_are_known(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    (old,) = load_or_make_secret(file)
    kept = fingerprint((old,))

    new = b"n" * 32
    file.write_text(f"# made in May\n{base64.b64encode(new).decode()}\n\n{old.hex()}\n")
    keys = load_or_make_secret(file)

    assert keys == (new, old)
    assert fingerprint(keys) != kept
    assert knows(keys, kept)
    assert not knows((new,), kept)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "holds no key"),
        (b"# nothing\n", "holds no key"),
        (b"abcd\n", "too short"),
        (b"\n!!canary!!\n", ":2: is neither"),
        (b"\xff\xfe", ":1: is neither"),
    ],
)
def test_a_broken_key_file_is_refused_without_showing_it(tmp_path: Path, content: bytes, what: str) -> None:
    file = tmp_path / "secret.key"
    file.write_bytes(content)
    file.chmod(0o600)

    with pytest.raises(ConfigError) as caught:
        load_or_make_secret(file)

    assert what in str(caught.value)
    assert "canary" not in str(caught.value)
    assert file.read_bytes() == content


def test_a_key_that_can_not_be_made_says_why(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file or directory"):
        load_or_make_secret(tmp_path / "gone" / "secret.key")


def test_a_dangling_link_is_not_filled_with_a_new_key(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    file.symlink_to(tmp_path / "not-mounted" / "secret.key")

    with pytest.raises(ConfigError, match="No such file"):
        load_or_make_secret(file)
