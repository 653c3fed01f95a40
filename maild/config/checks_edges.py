"""Do listeners, mailboxes and delivery fit together, and do the files exist that they name?"""

import os
import stat
from collections.abc import Iterator
from datetime import timedelta
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path

from maild.config.found import Found, repeated
from maild.config.lines import KeyPath
from maild.config.measures import duration_text
from maild.config.schema import Draft

AUTH_EXTRA = (("dkimpy", "dkim"), ("dnspython", "dns"))
LONGEST_DNS = timedelta(seconds=10)
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def half_a_certificate(draft: Draft) -> Iterator[Found]:
    """TLS needs both halves."""
    smtp = draft.smtp
    if smtp and bool(smtp.tls_certificate) != bool(smtp.tls_key):
        there, missing = ("tls_certificate", "tls_key") if smtp.tls_certificate else ("tls_key", "tls_certificate")
        yield ("smtp", there), f"needs {missing} beside it"


def tls_without_certificate(draft: Draft) -> Iterator[Found]:
    """What is promised by TLS can't be held without a certificate."""
    smtp = draft.smtp
    if smtp is None or smtp.tls_certificate:
        return
    if smtp.implicit_tls_listen:
        yield ("smtp", "implicit_tls_listen"), "needs tls_certificate and tls_key"
    if smtp.auth and smtp.require_tls_for_auth:
        yield (
            ("smtp", "auth"),
            "needs tls_certificate and tls_key (or, on a closed network, require_tls_for_auth = false)",
        )


def mailbox_without_login(draft: Draft) -> Iterator[Found]:
    """A password or OAuth, and what belongs to either."""
    for item in draft.imap:
        box = item.value
        if box.password is None and box.oauth is None:
            yield item.path, "needs a password (or password_file), or oauth"
        if box.password is not None and box.oauth is not None:
            yield (*item.path, "oauth"), "stands beside a password; remove one of them"
        if box.oauth and box.oauth.refresh_token is None and box.oauth.client_secret is None:
            yield (*item.path, "oauth"), "needs a refresh_token, or a client_secret for client credentials"
        if (box.after == "move") != (box.move_to is not None):
            yield (*item.path, "after" if box.after == "move" else "move_to"), 'after = "move" and move_to go together'


def same_mailbox_twice(draft: Draft) -> Iterator[Found]:
    """Two readers of one folder would hinder each other."""
    yield from repeated([(item.path, item.value.label) for item in draft.imap], "is polled already")


def mailbox_of_nobody(draft: Draft) -> Iterator[Found]:
    """The address behind a mailbox is one of ours."""
    ours = draft.own_addresses()
    for item in draft.imap:
        if item.value.address is not None and item.value.address.lower() not in ours:
            yield (*item.path, "address"), "is neither desk.address nor an address of [[inboxes]]"


def gives_up_before_trying(draft: Draft) -> Iterator[Found]:
    """There must be time for a second attempt."""
    first = draft.delivery.retry[0]
    if draft.delivery.give_up_after <= first:
        yield ("delivery", "give_up_after"), f"must be longer than the first wait of retry ({duration_text(first)})"


def files_that_are_missing(draft: Draft) -> Iterator[Found]:
    """Named files are there."""
    for path, file in _named_files(draft):
        if file is not None and not os.path.isfile(file):
            yield path, f"there is no file {file}"
    for key, folder in (("templates_dir", draft.desk.templates_dir), ("canned_dir", draft.desk.canned_dir)):
        if folder is not None and not os.path.isdir(folder):
            yield ("desk", key), f"there is no folder {folder}"


def _named_files(draft: Draft) -> Iterator[tuple[KeyPath, Path | None]]:
    if draft.smtp:
        yield ("smtp", "tls_certificate"), draft.smtp.tls_certificate
        yield ("smtp", "tls_key"), draft.smtp.tls_key
    yield ("storage", "ca_file"), draft.storage.ca_file
    yield ("delivery", "ca_file"), draft.delivery.ca_file
    yield from (((*item.path, "ca_file"), item.value.ca_file) for item in draft.imap)


def secret_that_others_can_read(draft: Draft) -> Iterator[Found]:
    """Who reads the key can sign as the desk (RELIABILITY G2)."""
    file = draft.desk.secret_file
    try:
        mode = os.stat(file).st_mode
    except OSError:  # absent: made on first start; out of reach: the daemon's user says so
        return
    if mode & OTHERS:
        yield ("desk", "secret_file"), f"{file} can be read by others; run: chmod 600 {file}"


def dkim_without_its_libraries(draft: Draft) -> Iterator[Found]:
    """Checking DKIM here needs what the extra `auth` brings (ID-3)."""
    missing = [name for name, module in AUTH_EXTRA if find_spec(module) is None]
    if draft.authentication.check_dkim and missing:
        yield ("authentication", "check_dkim"), f"needs {' and '.join(missing)}; run: pip install 'maild[auth]'"


def dns_out_of_reach(draft: Draft) -> Iterator[Found]:
    """A name server has an address, not a name; and while it is asked about one mail, others wait."""
    asked = draft.authentication
    if asked.nameserver is not None and not _is_address(asked.nameserver.host):
        yield ("authentication", "nameserver"), 'must be "IP:port" such as "127.0.0.1:53"'
    if asked.dns_timeout > LONGEST_DNS:
        yield ("authentication", "dns_timeout"), f"must be at most {duration_text(LONGEST_DNS)}, for other mails wait"


def from_alone_is_believed(draft: Draft) -> Iterator[Found]:
    """Anybody can write an agent's address into From (ID-3)."""
    if draft.authentication.agents_need == "address":
        yield (
            ("authentication", "agents_need"),
            'with "address" anybody who writes an agent\'s From is taken for him; for closed networks and trials only',
        )


def mails_go_nowhere(draft: Draft) -> Iterator[Found]:
    """A forgotten relay is worth a word."""
    if "url" not in draft.delivery.model_fields_set:
        yield ("delivery", "url"), 'is missing: mails are written and then thrown away, as with "null:"'


def passwords_in_the_clear(draft: Draft) -> Iterator[Found]:
    """Without TLS a password can be read on the way, but on this very host."""
    for item in draft.imap:
        if item.value.security == "none" and not _on_this_host(item.value.host):
            yield (*item.path, "security"), "the password travels in the clear"
    smtp = draft.smtp
    if smtp and smtp.auth and not smtp.require_tls_for_auth:
        yield ("smtp", "require_tls_for_auth"), "agents' passwords may travel in the clear"


def _is_address(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


def _on_this_host(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def nobody_can_log_in(draft: Draft) -> Iterator[Found]:
    """AUTH is offered, but no agent has a password."""
    if draft.smtp and draft.smtp.auth and all(item.value.password is None for item in draft.agents):
        yield ("smtp", "auth"), "no agent has a password"
