"""Which Python runs maild: ours, or for the user of a mail server's pipe one that everybody may run."""

import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def python_for_everybody() -> tuple[str, ...] | None:
    """An interpreter of our version that an ordinary user may run, or None."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, f"/usr/bin/{name}", shutil.which(name, path="/usr/local/bin") or ""):
        if candidate and _works_for_nobody(candidate):
            return (candidate,)
    return None


def _works_for_nobody(python: str) -> bool:
    try:
        done = subprocess.run(
            [python, "-c", "import maild.daemon, psycopg"],
            env={"PYTHONPATH": python_path(python)}, user=65534, group=65534, extra_groups=[],
            cwd="/", capture_output=True, timeout=60,
        )  # fmt: skip
    except OSError:
        return False
    return done.returncode == 0


def python_path(python: str) -> str:
    """`PYTHONPATH`: this repository, and our packages where another interpreter has to find them."""
    places = [str(REPOSITORY)]
    if python != sys.executable:
        places += [path for path in sys.path if path.endswith("site-packages")]
    return ":".join(places)
