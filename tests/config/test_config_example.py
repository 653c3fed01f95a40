"""The examples are true: they load, and config.example.toml names every key that there is."""

import re
import tomllib
from pathlib import Path

import pytest

from maild.config import load, load_text
from maild.config.lines import find_lines
from maild.config.schema import LISTS, TABLES
from maild.config.schema_clock import StepEntry
from maild.config.schema_edges import OAuth
from maild.tickets.workflow import DEFAULT_WORKFLOW

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "config.example.toml"
SILENT = re.compile(r"^#(?=[a-z_]+ = |\[\[)", re.MULTILINE)
# A secret may lie in a file; the example shows that way.
# Tables in which an admin's or the core's own words are keys.
OWN_WORDS = {
    ("agents", "notify"),
    ("agents", "working_hours"),
    ("notify", "customer"),
    ("notify", "agent"),
    ("calendars", "hours"),
    ("calendars", "half_days"),
    ("sla", "targets"),
    ("assignment", "to"),
    ("rules", "then"),
}
BY_FILE = re.compile(r"^(password|client_secret|refresh_token)_file$")


def test_the_example_loads_as_it_stands_without_a_warning() -> None:
    config = load(EXAMPLE, {})

    assert config.warnings == ()
    assert config.workflow == DEFAULT_WORKFLOW


def test_the_example_names_every_key_and_no_other() -> None:
    text = SILENT.sub("", EXAMPLE.read_text())
    keys = {tuple(part for part in path if isinstance(part, str)) for path in find_lines(text)}
    keys = {path[:2] if path[:2] in OWN_WORDS else path for path in keys}
    named = {(*path[:-1], BY_FILE.sub(r"\1", path[-1])) for path in keys if len(path) > 1}

    known = {(name, key) for name, model in (TABLES | LISTS).items() for key in model.model_fields}
    known |= {("imap", "oauth", key) for key in OAuth.model_fields}
    known |= {("sla", "steps", key) for key in StepEntry.model_fields}

    assert named == known


def test_the_example_loads_with_every_silent_key_spoken(tmp_path: Path) -> None:
    text = SILENT.sub("", EXAMPLE.read_text())
    for name in ("tls/cert.pem", "tls/key.pem", "tls/ca.pem", "imap.password", "alice.password"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "templates").mkdir()
    (tmp_path / "canned").mkdir()
    (tmp_path / "canned" / "opening-hours.md").write_text("We are there from 9 to 5.\n")

    config = load_text(text, folder=tmp_path)

    assert len(config.imap) == 2
    assert config.smtp is not None and config.smtp.lmtp[0].path == tmp_path / "lmtp.sock"


def test_what_the_example_shows_is_what_holds_without_it() -> None:
    """`limits`, `leases`, `worker`, `automatic`: shown values are the defaults, so that nobody is misled."""
    config = load(EXAMPLE, {})
    tree = tomllib.loads(EXAMPLE.read_text())

    for name in ("limits", "leases", "worker", "automatic", "workflow"):
        assert set(tree[name]) == set(TABLES[name].model_fields)
    assert config.limits == TABLES["limits"]()
    assert config.leases == TABLES["leases"]()
    assert config.worker == TABLES["worker"]()
    assert config.automatic == TABLES["automatic"]()


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.toml")), ids=lambda path: path.name)
def test_every_example_loads_without_a_warning(path: Path) -> None:
    environ = {"IMAP_PASSWORD": "x", "SMTP_URL": "smtp+starttls://u:x@smtp.example.test:587"}

    assert load(path, environ).warnings == ()
