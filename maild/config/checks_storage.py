"""Can the bucket of `[storage]` be used at all? Whether it answers is asked by `maild check`."""

from collections.abc import Iterator
from importlib.util import find_spec

from maild.config.found import Found
from maild.config.schema import Draft


def bucket_without_its_library(draft: Draft) -> Iterator[Found]:
    """A bucket needs what the extra `s3` brings (ST-3)."""
    if draft.storage.url is not None and find_spec("obstore") is None:
        yield ("storage", "url"), "needs obstore; run: pip install 'maild[s3]'"


def half_a_key(draft: Draft) -> Iterator[Found]:
    """A key has two halves."""
    storage = draft.storage
    if bool(storage.access_key) != bool(storage.secret_key):
        there, missing = ("access_key", "secret_key") if storage.access_key else ("secret_key", "access_key")
        yield ("storage", there), f"needs {missing} beside it"


def a_key_to_nothing(draft: Draft) -> Iterator[Found]:
    """A forgotten url would keep everything on this disk."""
    given = draft.storage.model_fields_set - {"url"}
    if draft.storage.url is None and given:
        yield ("storage", min(given)), 'means nothing without url = "s3://bucket"'
