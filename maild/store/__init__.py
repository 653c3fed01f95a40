"""The only room that knows SQL. Functions take `tx` first and never commit; `desk` opens the transactions."""

from maild.store.engine import Store, Tx, open_store

__all__ = ["Store", "Tx", "open_store"]
