"""What SQLite keeps in memory for each of the daemon's connections is bounded."""

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
