"""A private Dovecot on a loopback port: own configuration and folders, no root service touched."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers.folders import folder_for

PASSWORD = "secret"
MAIL_UID = 65534  # nobody: Dovecot opens no mailbox as root
CONFIG = """
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{root}/cert.pem
ssl_key = <{root}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
auth_username_chars =
default_internal_user = dovecot
default_login_user = dovenull
default_internal_group = dovecot
default_vsz_limit = 0
mail_location = maildir:{root}/mail/%u
mail_uid = {uid}
mail_gid = {uid}
first_valid_uid = 0
first_valid_gid = 0
mailbox_idle_check_interval = 1 s
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={uid} home={root}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


def missing() -> str | None:
    """Why a real Dovecot can't be started here."""
    if shutil.which("dovecot") is None:
        return "needs Dovecot: apt-get install dovecot-imapd"
    if shutil.which("openssl") is None:
        return "needs openssl for a certificate"
    return None if os.geteuid() == 0 else "needs root for Dovecot's own users"


@dataclass(frozen=True)
class Dovecot:
    """A running server. Each user name is a fresh mailbox with password `secret`."""

    root: Path
    port: int
    tls_port: int

    @property
    def certificate(self) -> Path:
        return self.root / "cert.pem"

    def account(self, user: str, address: str, **more: str | bool | int) -> str:
        """The `[[imap]]` by which a desk reads this user's mailbox."""
        settings = {"host": "127.0.0.1", "port": self.port, "security": "none", "username": user, "password": PASSWORD}
        lines = (f"{key} = {json.dumps(value)}" for key, value in {**settings, "address": address, **more}.items())
        return "\n".join(["", "[[imap]]", *lines, ""])

    def deliver(self, user: str, source: bytes, folder: str = "INBOX") -> None:
        """As a mail server would: written to tmp, then moved to new."""
        place = self._folder(user, folder)
        name = f"{time.time_ns()}.{os.getpid()}.test"
        (place / "tmp" / name).write_bytes(source)
        os.chown(place / "tmp" / name, MAIL_UID, MAIL_UID)
        (place / "tmp" / name).rename(place / "new" / name)

    def expunge(self, user: str, query: str) -> None:
        """What another client does."""
        self.doveadm("expunge", "-u", user, "mailbox", "INBOX", *query.split())

    def sources(self, user: str, folder: str = "INBOX") -> list[bytes]:
        place = self._folder(user, folder)
        return [path.read_bytes() for part in ("cur", "new") for path in sorted((place / part).iterdir())]

    def flags(self, user: str) -> str:
        return self.doveadm("fetch", "-u", user, "flags", "mailbox", "INBOX").decode()

    def new_uidvalidity(self, user: str) -> None:
        """All index files gone: mails get new UIDs under a new UIDVALIDITY."""
        self.doveadm("kick", user, check=False)
        place = self._folder(user, "INBOX")
        for path in place.glob("dovecot*"):
            path.unlink()
        (place / "dovecot-uidlist").write_text(f"3 V{int(time.time()) + 1000} N1 G0123456789abcdef0123456789abcdef\n")
        os.chown(place / "dovecot-uidlist", MAIL_UID, MAIL_UID)

    def kick(self, user: str) -> None:
        self.doveadm("kick", user, check=False)

    def doveadm(self, *words: str, check: bool = True) -> bytes:
        command = ["doveadm", "-c", str(self.root / "dovecot.conf"), *words]
        return subprocess.run(command, check=check, capture_output=True, timeout=20).stdout

    def _folder(self, user: str, folder: str) -> Path:
        place = self.root / "mail" / user / ("" if folder == "INBOX" else f".{folder}")
        home = self.root / "mail" / user
        for made in (home, place, *(place / part for part in ("tmp", "new", "cur"))):
            made.mkdir(exist_ok=True)
            os.chown(made, MAIL_UID, MAIL_UID)
        return place


@contextmanager
def running_dovecot() -> Iterator[Dovecot]:
    root = folder_for("dovecot")
    server = Dovecot(root, *_free_ports())
    _write(server)
    log = root / "start.log"
    with log.open("wb") as out:
        process = subprocess.Popen(["dovecot", "-F", "-c", str(root / "dovecot.conf")], stdout=out, stderr=out)
    try:
        _wait_for_port(server, process)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        shutil.rmtree(root, ignore_errors=True)


def _write(server: Dovecot) -> None:
    root = server.root
    for name in ("run", "state", "mail"):
        (root / name).mkdir()
    os.chown(root / "mail", MAIL_UID, MAIL_UID)
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3"]
    files = ["-keyout", str(root / "key.pem"), "-out", str(root / "cert.pem")]
    subprocess.run(["openssl", "req", "-x509", *key, *subject, *files], check=True, capture_output=True, timeout=30)
    settings = {"root": root, "uid": MAIL_UID, "password": PASSWORD}
    config = CONFIG.format(port=server.port, tls_port=server.tls_port, **settings)
    (root / "dovecot.conf").write_text(config)


def _free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        return one.getsockname()[1], two.getsockname()[1]


def _wait_for_port(server: Dovecot, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 15
    while time.monotonic() < until and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", server.port), 1) as sock:
                assert sock.recv(100).startswith(b"* OK")
                return
        except OSError:
            time.sleep(0.02)
    logs = [
        path.read_text(errors="replace") for path in (server.root / "start.log", server.root / "log") if path.exists()
    ]
    raise AssertionError("\n".join(["Dovecot did not start", *logs]))


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    reason = missing()
    if reason:
        pytest.skip(reason)
    with running_dovecot() as server:
        yield server
