"""Identifiers: content hashes, and short codes that survive lower-casing by foreign mail servers."""

import base64
import hashlib
from pathlib import Path


def sha256_hex(content: bytes) -> str:
    """The name under which bytes are stored, 64 hex digits."""
    return hashlib.sha256(content).hexdigest()


def sha256_of_file(path: Path) -> tuple[str, int]:
    """(hash, size) of a file, read in pieces."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return digest.hexdigest(), file.tell()


def base32_text(raw: bytes) -> str:
    """Lower-case base32 without padding: letters a-z and digits 2-7 only."""
    return base64.b32encode(raw).decode("ascii").rstrip("=").lower()


def derived_id(*parts: str) -> str:
    """26 characters that depend on `parts` alone: the same cause gives the same id on every repeat."""
    return base32_text(hashlib.sha256("\x1f".join(parts).encode()).digest()[:16])
