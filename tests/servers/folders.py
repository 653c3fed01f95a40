"""Folders for servers that run as users of their own, who could not reach those of pytest."""

import os
import re
import shutil
import tempfile
from pathlib import Path


def folder_for(server: str) -> Path:
    """A new one. Those of processes that are gone, which a killed run leaves, are removed first: hundreds of
    megabytes each would fill the disk in the end."""
    for left in Path(tempfile.gettempdir()).glob(f"maild-{server}-*"):
        made_by = re.match(rf"maild-{server}-(\d+)-", left.name)
        if made_by and not _runs(int(made_by[1])):
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"maild-{server}-{os.getpid()}-"))
    folder.chmod(0o755)
    return folder


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
