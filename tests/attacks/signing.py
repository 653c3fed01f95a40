"""Mails that are really signed, with keys made on the spot, and a name server that is a dictionary."""

import base64
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

import dkim
from dkim.canonicalization import CanonicalizationPolicy
from dkim.crypto import HASH_ALGORITHMS, parse_pem_private_key

from maild.errors import TransientError

NAMES = ("from", "to", "subject", "date", "message-id", "from")


@dataclass(frozen=True, slots=True)
class Key:
    """A private key and the TXT record that publishes its other half."""

    pem: bytes
    record: bytes


@cache
def rsa_key(bits: int = 1024, which: str = "desk") -> Key:
    """One key per size and purpose for the whole run."""
    pem = _openssl("genrsa", "-traditional", str(bits))
    public = base64.b64encode(_openssl("rsa", "-pubout", "-outform", "DER", given=pem))
    return Key(pem, b"v=DKIM1; k=rsa; p=" + public)


def _openssl(*words: str, given: bytes = b"") -> bytes:
    return subprocess.run(["openssl", *words], input=given, capture_output=True, check=True).stdout


def signed(
    mail: bytes,
    domain: str = "acme.test",
    *,
    key: Key | None = None,
    names: Iterable[str] = NAMES,
    form: str = "relaxed/relaxed",
    algorithm: str = "rsa-sha256",
    extra: tuple[tuple[str, str], ...] = (),
    body_bytes: int | None = None,
) -> bytes:
    """The mail below a DKIM-Signature of the selector `s1`; dkimpy hashes and signs what is asked for."""
    signer = dkim.DKIM(mail, signature_algorithm=algorithm.encode())
    signer.hasher = HASH_ALGORITHMS[algorithm.encode()]
    policy = CanonicalizationPolicy.from_c_value(form.encode())
    digest = signer.hasher(policy.canonicalize_body(signer.body)[:body_bytes]).digest()
    include = [name.encode() for name in names]
    fields = [
        ("v", "1"), ("a", algorithm), ("c", form), ("d", domain), ("s", "s1"), *extra,
        ("h", " : ".join(names)), ("bh", base64.b64encode(digest).decode()), ("b", "0" * 60),
    ]  # fmt: skip
    pairs = [(name.encode(), value.encode()) for name, value in fields]
    private = parse_pem_private_key((key or rsa_key()).pem)
    header: bytes = signer.gen_header(pairs, include, policy, b"DKIM-Signature", private)
    return b"DKIM-Signature: " + header + mail


@dataclass(slots=True)
class Zone:
    """A `Lookup` that keeps what it was asked; names in `silent` are never answered."""

    records: dict[str, list[bytes]] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def txt(self, name: str, seconds: float) -> list[bytes]:
        self.asked.append(name)
        if name in self.silent:
            raise TransientError(f"the DNS does not answer for {name}")
        return self.records.get(name, [])


def zone(domain: str = "acme.test", *more: tuple[str, bytes], key: Key | None = None) -> Zone:
    """A zone with the key `s1` of a domain, and what else is named."""
    found = {f"s1._domainkey.{domain}": [(key or rsa_key()).record]}
    return Zone(found | {name: [record] for name, record in more})
