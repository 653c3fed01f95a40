"""The keys that sign reply addresses and Message-IDs: one a line, the first signs, all verify (rotation)."""

import base64
import binascii
import hashlib
import os
import re
import secrets
import stat
from pathlib import Path

from maild.errors import ConfigError
from maild.ids import base32_text

KEY_BYTES = 32
SHORTEST = 16
HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def load_or_make_secret(path: Path) -> tuple[bytes, ...]:
    """The keys of the file; on first start it is made, mode 0600, and durable before it is used."""
    try:
        if not os.path.lexists(path):
            _make(path)
        return _read(path)
    except OSError as error:
        raise ConfigError([f"{path}: the secret file cannot be used: {error.strerror}"]) from error


def fingerprint(keys: tuple[bytes, ...]) -> str:
    """A public name of the signing key: to be kept beside the tickets, so that a lost key is noticed."""
    return _print_of(keys[0])


def knows(keys: tuple[bytes, ...], known: str) -> bool:
    """True when one of the keys has this fingerprint: after a rotation the old key is still there."""
    return any(_print_of(key) == known for key in keys)


def _print_of(key: bytes) -> str:
    return base32_text(hashlib.sha256(b"maild fingerprint\0" + key).digest()[:10])


def _make(path: Path) -> None:
    """Writes aside, then links: of two that start at once one wins, and none ever reads half a key."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_hex(KEY_BYTES).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, path)
        except FileExistsError:
            return
    finally:
        os.unlink(aside)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(path: Path) -> tuple[bytes, ...]:
    with path.open("rb") as file:
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & OTHERS:
            raise ConfigError([f"{path}: the secret file can be read by others; run: chmod 600 {path}"])
        lines = file.read().decode("ascii", "replace").splitlines()
    keys = tuple(_key(path, number, line.strip()) for number, line in enumerate(lines, 1) if _holds_key(line))
    if not keys:
        raise ConfigError([f"{path}: the secret file holds no key; restore it from a backup"])
    return keys


def _holds_key(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _key(path: Path, number: int, text: str) -> bytes:
    """Hex digits, or base64; what is wrong is said without the text."""
    try:
        key = bytes.fromhex(text) if HEX.fullmatch(text) else base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ConfigError([f"{path}:{number}: is neither hex digits nor base64"]) from None
    if len(key) < SHORTEST:
        raise ConfigError([f"{path}:{number}: the key is too short; {KEY_BYTES} bytes are usual, {SHORTEST} the least"])
    return key
