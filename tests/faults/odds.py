"""Things an admin loses or breaks: keys, blobs, a migration, few files (F36, F38 to F44)."""

import resource
import shutil
import time

from tests.faults.fault import Trial
from tests.faults.house import house
from tests.faults.watched import watched
from tests.servers.product import eventually

FEW_FILES = 64


def the_key_is_lost(trial: Trial) -> None:
    """F44: with another key each answer would be a stranger's, so nothing starts; the old key back, all goes on."""
    with house(trial) as home:
        with home.desk.running():
            home.senders(2)
            home.settle()
        key = home.desk.folder / "secret.key"
        kept = key.with_suffix(".kept")
        key.rename(kept)
        done = home.desk.call("run")
        trial.must(f"exit 2 without the key: {done.returncode}", hold=done.returncode == 2)
        trial.must(f"words that name it: {done.stderr!r}", hold=b"secret" in done.stderr)
        kept.replace(key)
        with home.desk.running():
            home.settle()
        home.verdict()


def killed_while_migrating(trial: Trial) -> None:
    """F36: `maild migrate` dies at each write; the next one finishes, and the daemon runs."""
    with house(trial) as home:
        points = 0
        for number in range(1, trial.length(4, 200)):
            for path in home.desk.folder.glob("maild.db*"):
                path.unlink()
            with watched(home.desk, f"pwrite64:signal=KILL:when={number}", ready=False, first="migrate") as process:
                code = process.wait(60)
            home.desk.cli("migrate")
            if code == 0:
                break
            points += 1
        with home.desk.running():
            home.senders(2)
            home.settle()
        trial.see(f"killed at {points} writes of a migration")
        home.verdict()


def few_files(trial: Trial) -> None:
    """F42: with few file descriptors senders are put off, nothing spins, and it recovers."""
    with house(trial) as home, home.desk.running() as daemon:
        source = home.senders(trial.length(20, 100), threads=20)
        eventually(lambda: source.codes[250] >= 4, "mails taken", 60)
        soft, hard = resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (FEW_FILES // 2, hard))
        time.sleep(trial.length(3, 30))  # the fault itself
        resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (soft, hard))
        home.settle()
        home.verdict()


def a_blob_is_gone(trial: Trial) -> None:
    """F40: a large content is flipped and another removed on disk: `show` says so in words and does not crash."""
    with house(trial) as home:
        with home.desk.running():
            home.senders(trial.length(8, 20))
            home.settle()
        home.verdict()
        blobs = [path for path in (home.desk.folder / "maild-data" / "blobs").glob("*/*/*") if path.is_file()]
        blobs[0].write_bytes(b"another content")
        shutil.rmtree(blobs[-1].parent)
        home.seen.read_whole(home.ask)
        with home.desk.running():
            home.senders(1)
            home.settle()
        trial.see(f"{len(blobs)} files, one altered, one removed; {len(home.seen.tickets)} tickets shown")
