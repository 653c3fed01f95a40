"""Access tokens for XOAUTH2, fetched by refresh token or client credentials (RFC 6749 6 and 4.4)."""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from datetime import datetime, timedelta
from http.client import HTTPException

from maild.clock import Clock
from maild.errors import TransientError
from maild.intake.imap_account import OAuth

SECONDS = 15
ANSWER_BYTES = 65_536
EARLY = timedelta(seconds=60)
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
SIGN_IN_AGAIN = frozenset({"invalid_grant", "interaction_required", "consent_required"})


class TokenError(TransientError):
    """No access token can be had; `code` is the server's own word (RFC 6749 5.2)."""

    def __init__(self, words: str, code: str = "") -> None:
        super().__init__(words)
        self.code = code


class Tokens:
    """The present access token of one account; a refresh token that the server replaces goes to `on_rotation`."""

    def __init__(self, oauth: OAuth, clock: Clock, on_rotation: Callable[[str], None]) -> None:
        self._oauth = oauth
        self._clock = clock
        self._on_rotation = on_rotation
        self._refresh_token = oauth.refresh_token
        self._access_token = ""
        self._until: datetime | None = None

    def access_token(self) -> str:
        """A token that is valid for another minute at least."""
        if self._until is None or self._clock() >= self._until:
            self._renew()
        return self._access_token

    def forget(self) -> None:
        """The server refused the token: the next question fetches a new one."""
        self._until = None

    def _renew(self) -> None:
        answer = ask(self._oauth.token_url, question(self._oauth, self._refresh_token))
        token = answer.get("access_token")
        if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
            raise TokenError(f"{self._oauth.token_url} gave no usable access token")
        self._keep_rotated(answer.get("refresh_token"))
        self._access_token = token
        self._until = self._clock() + max(lifetime(answer.get("expires_in")) - EARLY, EARLY)

    def _keep_rotated(self, refresh_token: object) -> None:
        if isinstance(refresh_token, str) and refresh_token and refresh_token != self._refresh_token:
            if self._refresh_token is not None:
                self._on_rotation(refresh_token)
            self._refresh_token = refresh_token if self._refresh_token is not None else None


def question(oauth: OAuth, refresh_token: str | None) -> dict[str, str]:
    """The form that is posted."""
    fields = {
        "grant_type": "refresh_token" if refresh_token else "client_credentials",
        "refresh_token": refresh_token or "",
        "client_id": oauth.client_id,
        "client_secret": oauth.client_secret,
        "scope": oauth.scope,
    }
    return {name: value for name, value in fields.items() if value}


def lifetime(expires_in: object) -> timedelta:
    """`expires_in` is only recommended (RFC 6749 5.1), and some send it as text."""
    text = str(expires_in)
    return timedelta(seconds=min(int(text), 86_400)) if text.isdecimal() and len(text) < 10 else timedelta(minutes=5)


def ask(url: str, form: dict[str, str]) -> dict[str, object]:
    """One POST; secrets go nowhere but into its body, and only over TLS or to this machine."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise TokenError(f"{url}: a token may only be asked for over https")
    request = urllib.request.Request(url, urllib.parse.urlencode(form).encode(), {"Accept": "application/json"})  # noqa: S310
    try:
        with _OPENER.open(request, timeout=SECONDS) as response:
            return _object(response.read(ANSWER_BYTES))
    except urllib.error.HTTPError as err:
        with err:
            raise _refusal(url, err.code, _object(err.read(ANSWER_BYTES))) from err
    except (OSError, HTTPException) as err:
        raise TokenError(f"{url} can't be reached: {err}") from err


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token server that sends us elsewhere would send the secret along."""

    def redirect_request(self, *_: object) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


def _refusal(url: str, status: int, answer: dict[str, object]) -> TokenError:
    code = str(answer.get("error", ""))[:80]
    code = code if code.isascii() and code.isprintable() else ""
    advice = ": the permission is gone, sign in again and store the new refresh token" if code in SIGN_IN_AGAIN else ""
    return TokenError(f"{url} answered {status} {code}{advice}", code)


def _object(content: bytes) -> dict[str, object]:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}
