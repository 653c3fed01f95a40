"""What SQLite keeps in memory for each of the daemon's connections is bounded."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import sqlalchemy as sa

from maild.store import open_store

MOST_KIB = 512
SPILLS_AT_PAGES = 500  # as many as SQLite's usual cache: a batch of mails is not written to the log twice


def test_no_connection_keeps_more_than_half_a_megabyte_and_a_transaction_still_has_two(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    try:
        for kind in (store.begin, store.begin_quick, store.read):
            with kind() as tx:
                assert tx.execute(sa.text("PRAGMA cache_size")).scalar_one() == -MOST_KIB
                assert tx.execute(sa.text("PRAGMA cache_spill")).scalar_one() == SPILLS_AT_PAGES
    finally:
        store.close()


def _open_files(path: str) -> int:
    links = (each.readlink() for each in Path("/proc/self/fd").iterdir() if each.is_symlink())
    return sum(str(link).startswith(path) for link in links)


def test_a_thread_that_rests_keeps_no_connection_and_can_go_on(sqlite_url: str) -> None:
    store, path = open_store(sqlite_url), sqlite_url.removeprefix("sqlite:///")
    others = ThreadPoolExecutor(1)

    closed: list[object] = []
    for engine in (store._engine, store._quick):
        sa.event.listen(engine, "close", lambda connection, _record: closed.append(connection))

    def works() -> int:
        for kind in (store.begin, store.begin_quick, store.read):
            with kind() as tx:
                tx.execute(sa.text("SELECT 1"))
        return len(closed)

    def rests() -> int:
        store.rest()
        store.rest()
        return len(closed)

    try:
        works()
        others.submit(works).result()
        files = _open_files(path)
        assert others.submit(rests).result() == 3
        assert others.submit(works).result() == 3
        assert _open_files(path) == files, "SQLite closes files late, but takes them again"
    finally:
        others.shutdown()
        store.close()
