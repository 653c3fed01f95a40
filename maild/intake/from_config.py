"""The edges' own settings out of the configuration."""

from pathlib import Path
from typing import Any

from maild.config import Config
from maild.config.schema_edges import Imap
from maild.intake.imap_account import After, ImapAccount, OAuth, Security
from maild.intake.smtp_settings import BareNewlines, SmtpSettings, Tls

COMMIT_SECONDS = 15.0


def smtp_settings(config: Config) -> SmtpSettings:
    """The listener's settings out of the config."""
    smtp, limits = config.smtp, config.limits
    assert smtp is not None
    both = smtp.tls_certificate is not None and smtp.tls_key is not None
    return SmtpSettings(
        listen=tuple(map(str, smtp.listen)),
        tls_listen=tuple(map(str, smtp.implicit_tls_listen)),
        lmtp_listen=tuple(map(str, smtp.lmtp)),
        hostname=smtp.hostname or config.desk.host,
        tls=Tls(Path(smtp.tls_certificate or ""), Path(smtp.tls_key or "")) if both else None,
        auth_enabled=smtp.auth,
        require_tls_for_auth=smtp.require_tls_for_auth,
        smtputf8=smtp.smtputf8,
        max_message_bytes=limits.message_bytes,
        max_recipients=limits.recipients,
        max_hops=limits.hops,
        max_errors=limits.errors,
        max_connections=limits.connections,
        max_connections_per_peer=limits.connections_per_peer,
        idle_seconds=limits.idle.total_seconds(),
        session_seconds=limits.session.total_seconds(),
        first_mail_seconds=limits.first_mail.total_seconds(),
        min_data_rate=limits.data_rate,
        commit_seconds=COMMIT_SECONDS,
        bare_newlines=BareNewlines(smtp.bare_newlines),
        trusted_peers=smtp.trusted_peers,
        trust_unix_socket=smtp.trust_unix_socket,
    )


def imap_account(entry: Imap, most_bytes: int) -> ImapAccount:
    """One mailbox's settings out of the config."""
    given: dict[str, Any] = {"move_to": entry.move_to, "start": entry.start, "idle": entry.idle}
    return ImapAccount(
        host=entry.host,
        username=entry.username,
        port=entry.connect_port,
        security=Security(entry.security),
        password=entry.password.get_secret_value() if entry.password else None,
        oauth=_oauth(entry),
        folder=entry.folder,
        address=entry.address,
        after=After(entry.after),
        trust_authentication_results=entry.trust_authentication_results,
        max_message_bytes=most_bytes,
        poll_seconds=entry.poll.total_seconds(),
        ca_file=entry.ca_file,
        **given,
    )


def _oauth(entry: Imap) -> OAuth | None:
    if entry.oauth is None:
        return None
    secret, refresh = entry.oauth.client_secret, entry.oauth.refresh_token
    return OAuth(
        token_url=entry.oauth.token_url,
        client_id=entry.oauth.client_id,
        client_secret=secret.get_secret_value() if secret else "",
        refresh_token=refresh.get_secret_value() if refresh else None,
        scope=entry.oauth.scope or "",
    )
