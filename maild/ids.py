"""Identifiers: content hashes, and short codes that survive lower-casing by foreign mail servers."""

import hashlib
from pathlib import Path

# hashlib gives Python's lock away for pieces above this size. What takes microseconds is not worth that: another thread
# takes the lock meanwhile, and whoever receives mails waits for it.
HELD_BYTES = 2047
SHORT_BYTES = 64 * 1024
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]


def sha256_hex(content: bytes) -> str:
    """The name under which bytes are stored, 64 hex digits."""
    if len(content) > SHORT_BYTES:
        return hashlib.sha256(content).hexdigest()
    digest = hashlib.sha256()
    for start in range(0, len(content), HELD_BYTES):
        digest.update(content[start : start + HELD_BYTES])
    return digest.hexdigest()


def sha256_of_file(path: Path) -> tuple[str, int]:
    """(hash, size) of a file, read in pieces."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return digest.hexdigest(), file.tell()


def base32_text(raw: bytes) -> str:
    """Lower-case base32 without padding (RFC 4648 6): letters a-z and digits 2-7 only."""
    bits = 8 * len(raw)
    # Two digits at a time: the standard library's way takes four times as long, and a mail has dozens of these.
    pairs = -(-bits // 10)
    number = int.from_bytes(raw, "big") << (10 * pairs - bits)
    text = "".join([_PAIRS[number >> shift & 1023] for shift in range(10 * pairs - 10, -1, -10)])
    return text[: -(-bits // 5)]


def derived_id(*parts: str) -> str:
    """26 characters that depend on `parts` alone: the same cause gives the same id on every repeat."""
    return base32_text(hashlib.sha256("\x1f".join(parts).encode()).digest()[:16])
