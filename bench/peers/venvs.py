"""The peers, each in a virtual environment of its own, from PyPI by pip."""

import subprocess
import sys
import venv
from pathlib import Path

VERSIONS = {"roundup": "roundup==2.6.0", "helpdesk": "django-helpdesk==2.6.1"}


def python_of(name: str, folder: Path) -> Path:
    """The interpreter of a peer; made when it is not there yet."""
    home = folder.resolve() / name  # its processes are started elsewhere than the bench
    python = home / "bin" / "python"
    if (home / ".installed").exists():
        return python
    print(f"installing {VERSIONS[name]} into {home}", flush=True)
    venv.create(home, with_pip=True, clear=True)
    command = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check", VERSIONS[name]]
    if subprocess.run(command, check=False).returncode != 0:
        sys.exit(f"bench: {VERSIONS[name]} could not be installed; pip says why above")
    (home / ".installed").touch()
    return python
