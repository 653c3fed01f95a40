"""Access tokens from a token server on loopback, and the XOAUTH2 login with them."""

import base64
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from maild.intake.imap_account import OAuth
from maild.intake.imap_session import LoginRefusedError
from maild.intake.oauth import TokenError, Tokens
from tests.intake.imap_scripted import Box, Line, mail_source, scripted
from tests.intake.imap_setup import NOW, Desk


@dataclass
class TokenServer:
    url: str = ""
    forms: list[dict[str, str]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, object]]] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[TokenServer]:
    state = TokenServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            state.forms.append({name: values[0] for name, values in parse_qs(body).items()})
            status, answer = state.answers.pop(0)
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", state.url)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        state.url = f"http://127.0.0.1:{http.server_port}/token"
        thread = threading.Thread(target=http.serve_forever, args=(0.05,))
        thread.start()
        yield state
        http.shutdown()
        thread.join(10)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def oauth(server: TokenServer, refresh_token: str | None = "r1") -> OAuth:
    return OAuth(server.url, "maild", "hush", refresh_token, "https://outlook.office365.com/.default")


def test_a_token_is_used_until_a_minute_before_its_end(server: TokenServer) -> None:
    server.answers = [(200, {"access_token": "a1", "expires_in": 3600}), (200, {"access_token": "a2"})]
    clock = Clock()
    tokens = Tokens(oauth(server), clock, print)

    first = [tokens.access_token(), tokens.access_token()]
    clock.now += timedelta(seconds=3541)

    assert first == ["a1", "a1"]
    assert tokens.access_token() == "a2"
    assert server.forms[0]["grant_type"] == "refresh_token" and server.forms[0]["refresh_token"] == "r1"


def test_a_replaced_refresh_token_is_handed_on_and_used(server: TokenServer) -> None:
    server.answers = [(200, {"access_token": "a1", "refresh_token": "r2"}), (200, {"access_token": "a2"})]
    rotated: list[str] = []
    tokens = Tokens(oauth(server), Clock(), rotated.append)
    tokens.access_token()
    tokens.forget()

    tokens.access_token()

    assert rotated == ["r2"]
    assert server.forms[1]["refresh_token"] == "r2"


def test_without_refresh_token_client_credentials_are_used(server: TokenServer) -> None:
    server.answers = [(200, {"access_token": "a1", "expires_in": "600"})]

    assert Tokens(oauth(server, None), Clock(), print).access_token() == "a1"
    assert server.forms[0] == {
        "grant_type": "client_credentials",
        "client_id": "maild",
        "client_secret": "hush",
        "scope": "https://outlook.office365.com/.default",
    }


def test_a_withdrawn_permission_says_what_to_do(server: TokenServer) -> None:
    server.answers = [(400, {"error": "invalid_grant", "error_description": "r1 hush"})]

    with pytest.raises(TokenError, match="sign in again") as caught:
        Tokens(oauth(server), Clock(), print).access_token()

    assert caught.value.code == "invalid_grant"
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("answer", [(200, {}), (200, {"access_token": "a\r\nb"}), (500, {}), (307, {})])
def test_an_unusable_answer_is_trouble_and_no_token(server: TokenServer, answer: tuple[int, dict[str, object]]) -> None:
    server.answers = [answer]

    with pytest.raises(TokenError):
        Tokens(oauth(server), Clock(), print).access_token()

    assert len(server.forms) == 1


def test_secrets_are_never_posted_without_tls() -> None:
    with pytest.raises(TokenError, match="https"):
        Tokens(OAuth("http://login.example.org/token", "maild"), Clock(), print).access_token()


def test_a_server_that_is_away_is_trouble_that_may_pass() -> None:
    with pytest.raises(TokenError, match="can't be reached"):
        Tokens(OAuth("http://127.0.0.1:1/token", "maild"), Clock(), print).access_token()


def test_a_mailbox_is_opened_with_a_token_and_a_refused_token_is_replaced(server: TokenServer) -> None:
    server.answers = [(200, {"access_token": "stale"}), (200, {"access_token": "fresh"})]
    said: list[str] = []

    def xoauth2(line: Line, tag: str, rest: str) -> bool:
        if not rest.startswith("AUTHENTICATE XOAUTH2"):
            return False
        line.send("+ ")
        said.append(base64.b64decode(line.readline()).decode())
        if "stale" in said[-1]:
            line.send("+ " + base64.b64encode(b'{"status":"401"}').decode())
            said.append(line.readline())
            line.send(f"{tag} NO [AUTHENTICATIONFAILED] token")
        else:
            line.send(f"{tag} OK done")
        return True

    with scripted(Box({1: mail_source(1)}), xoauth2) as imap:
        desk = Desk(imap.port, settings={"username": "support@acme.test", "password": None, "oauth": oauth(server)})
        watcher = desk.watcher()
        with pytest.raises(LoginRefusedError):
            watcher.poll_once()

        taken = watcher.poll_once()
        watcher.close()

    assert taken == 1
    assert said == [
        "user=support@acme.test\1auth=Bearer stale\1\1",
        "",
        "user=support@acme.test\1auth=Bearer fresh\1\1",
    ]
