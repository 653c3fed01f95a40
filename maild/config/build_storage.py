"""Where large contents are kept, as the store wants to know it."""

from maild.config.schema_edges import Storage
from maild.config.urls import bucket_and_prefix
from maild.store.contents import Bucket


def bucket_of(storage: Storage) -> Bucket | None:
    """The bucket of `[storage]`; None: the folder."""
    if storage.url is None:
        return None
    name, prefix = bucket_and_prefix(storage.url)
    secret = storage.secret_key.get_secret_value() if storage.secret_key else None
    return Bucket(name, prefix, storage.endpoint, storage.region, storage.access_key, secret, storage.ca_file)
