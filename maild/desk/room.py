"""What every act of the desk needs: the store, the contents, the rules, the clock."""

from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from maild.clock import Clock, utc_now
from maild.config import Config, fingerprint, knows, load_or_make_secret
from maild.desk.rulebook import Rulebook, rulebook_of
from maild.errors import ConfigError, PermanentError
from maild.store import Store, meta, migrate, open_store
from maild.store.blobs import Blobs, open_blobs


@dataclass(slots=True)
class Room:
    """One desk at work. `book` is replaced as a whole on reload; `mail_came` and `mail_waits` wake the worker and the
    deliverer of this process early."""

    store: Store
    blobs: Blobs
    book: Rulebook
    clock: Clock
    mail_came: Event = field(default_factory=Event)
    mail_waits: Event = field(default_factory=Event)


def open_room(config: Config, migrations: Path, clock: Clock = utc_now) -> Room:
    """Opens the store and the keys. A fresh embedded SQLite is set up by itself; any other schema must be current."""
    config.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    store = open_store(config.database_url)
    try:
        if store.is_sqlite and migrate.is_empty(store):
            _require_new_desk(config)
            migrate.upgrade(store, migrations)
        migrate.require_current(store, migrations)
        keys = load_or_make_secret(config.secret_file)
        _require_known_key(store, keys, config.secret_file)
        blobs = open_blobs(config.data_dir / "blobs", config.bucket)
    except BaseException:
        store.close()
        raise
    return Room(store, blobs, rulebook_of(config, keys), clock)


def _require_new_desk(config: Config) -> None:
    """An empty database beside a used key is a disk that is not mounted, more likely than a wish to begin anew."""
    if config.secret_file.exists():
        words = "is there, but the database is empty: is its disk mounted? For a new desk run `maild migrate` once"
        raise ConfigError([f"{config.secret_file}: the key of a desk {words}"])


def upgrade(config: Config, migrations: Path) -> tuple[str | None, str]:
    """Brings the schema to the newest state; gives (old, new) revision."""
    store = open_store(config.database_url)
    try:
        return migrate.upgrade(store, migrations)
    finally:
        store.close()


def _require_known_key(store: Store, keys: tuple[bytes, ...], path: Path) -> None:
    """Another key would turn every answer to our mails into a stranger's (F44)."""
    with store.read() as tx:
        known = meta.get(tx, "secret")
    if known is None:
        with store.begin() as tx:
            known = meta.set_once(tx, "secret", fingerprint(keys))
    if not knows(keys, known):
        words = "is not the key that signed this desk's mails: put the old key back, or add it below the new one"
        raise ConfigError([f"{path}: the secret {words}"])


def reload_book(room: Room, config: Config) -> None:
    """Puts a new configuration's rules in force for everything that is decided from now on."""
    if config.database_url != room.store.url:
        raise PermanentError("another database needs a restart")
    room.book = rulebook_of(config, room.book.signer.keys)
