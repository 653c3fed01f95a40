"""The machine in general words, and how busy it is."""

import os
import platform
import sqlite3
from pathlib import Path


def described() -> str:
    """Cores, memory, system and Python; no names."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {_system()}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}"
    )


def _system() -> str:
    try:
        lines = Path("/etc/os-release").read_text().splitlines()
    except OSError:
        return platform.system()
    found = dict(line.split("=", 1) for line in lines if "=" in line)
    name, version = found.get("NAME", "Linux").strip('"'), found.get("VERSION_ID", "").strip('"')
    return f"{name.removesuffix(' GNU/Linux')} {version}".strip()


def load() -> str:
    """The average number of processes that wanted a core, over one and five minutes."""
    one, five, _ = os.getloadavg()
    return f"{one:.1f} (1 min), {five:.1f} (5 min)"
