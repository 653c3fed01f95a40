"""TOML → frozen values of the core's own types; every mistake at once, with its line."""

from maild.config.config import Config
from maild.config.load import builtin, find_config, load, load_text
from maild.config.secret import fingerprint, knows, load_or_make_secret
from maild.config.starter import STARTER

__all__ = [
    "STARTER",
    "Config",
    "builtin",
    "find_config",
    "fingerprint",
    "knows",
    "load",
    "load_or_make_secret",
    "load_text",
]
