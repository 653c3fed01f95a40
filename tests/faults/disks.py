"""Disks that are full, failing or read-only: real ones, small, mounted for the trial (faults F08 to F11, F40, F43)."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path

from tests.faults.fault import Trial
from tests.faults.house import House, house
from tests.faults.watched import watched
from tests.servers.product import eventually

BACK_WITHIN = 15.0
MB = 1024 * 1024
ENOUGH = 200 * MB  # the listener wants 100 MB free


def missing() -> str | None:
    """Why nothing can be mounted here."""
    return None if os.geteuid() == 0 else "needs root to mount"


@contextmanager
def mounted(place: Path, *words: str) -> Iterator[Path]:
    """A file system of its own."""
    place.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", *words, str(place)], check=True, capture_output=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True, capture_output=True)


@contextmanager
def small_ext4(place: Path, image: Path, inodes: int) -> Iterator[Path]:
    with image.open("wb") as file:
        file.truncate(ENOUGH)
    subprocess.run(["mkfs.ext4", "-q", "-N", str(inodes), "-m", "0", str(image)], check=True, capture_output=True)
    with mounted(place, "-o", "loop", str(image)):
        yield place


def the_database_disk_fills(trial: Trial) -> None:
    """F08: below the reserve mail is put off and leaves as before; at the last byte nothing is lost; room heals it."""
    with ExitStack() as stack:
        disk = stack.enter_context(mounted(trial.folder / "disk", "-t", "tmpfs", "-o", f"size={ENOUGH}", "tmpfs"))
        home = stack.enter_context(house(trial, folder=disk / "desk"))
        with home.desk.running():
            source = home.senders(trial.length(160, 600), pace=0.6)
            for number, left in enumerate((20 * MB, 0)):
                eventually(partial(source.has_taken, 10 * (number + 1)), "mails taken", 90)
                put_off = source.codes[451] + source.codes[452]
                _fill(disk, left)
                eventually(partial(_put_off_more, home, put_off + 20), "mails put off", 60)
                (disk / "filling").unlink()
                _comes_back(trial, home, f"{left // MB} MB were left")
            home.settle()
            home.verdict()


def no_inode_is_left(trial: Trial) -> None:
    """F09: large mails need a file each and are put off; small ones lie in the database on another disk."""
    folder = trial.folder / "desk"
    with ExitStack() as stack:
        disk = stack.enter_context(small_ext4(folder / "maild-data", trial.folder / "image", inodes=400))
        home = stack.enter_context(house(trial))
        with home.desk.running():
            home.senders(trial.length(20, 200))
            eventually(lambda: _taken(home) >= 10, "mails taken", 90)
            _use_up_inodes(disk)
            put_off = _put_off(home)
            eventually(lambda: _put_off(home) >= put_off + 10, "large mails put off", 60)
            for path in disk.glob("used-*"):
                path.unlink()
            _comes_back(trial, home, "no inode was left")
            home.settle()
            home.verdict()


def a_flush_fails_once(trial: Trial) -> None:
    """F10: the daemon says 451, believes nothing any more and ends; all that it had acknowledged is there."""
    with house(trial) as home:
        for number in range(3, 3 + trial.length(2, 12)):
            home.senders(20)  # enough that the N-th flush comes
            with watched(home.desk, f"fdatasync:error=EIO:when={number}") as daemon:
                code = daemon.wait(60)
            trial.must(f"an end other than 0 after EIO: {code}", hold=code != 0)
        with home.desk.running():
            home.settle()
        home.verdict()


def every_flush_fails(trial: Trial) -> None:
    """F10: it never says ready, or ends, each time; nothing that was acknowledged is lost."""
    with house(trial) as home:
        home.senders(5)
        for _ in range(2):
            with watched(home.desk, "fdatasync:error=EIO:when=2+", ready=False) as daemon:
                code = daemon.wait(60)
            trial.must(f"an end other than 0 while every flush fails: {code}", hold=code != 0)
        with home.desk.running():
            home.settle()
        home.verdict()


def flushes_fail(trial: Trial) -> None:
    """F10, both forms."""
    once, ever = Trial(trial.seed, trial.short, trial.folder / "once"), Trial(trial.seed, True, trial.folder / "ever")
    for each, script in ((once, a_flush_fails_once), (ever, every_flush_fails)):
        script(each)
        trial.figures += each.figures
        trial.wrong += each.wrong


def turns_read_only(trial: Trial) -> None:
    """F11: as the kernel does it when a disk fails: from one moment on nothing can be written.

    ext4 forgets what was not flushed until then, so this is a power cut, too: only an honest fsync survives it.
    """
    image = trial.folder / "image"
    with small_ext4(trial.folder / "disk", image, inodes=4000) as disk, house(trial, folder=disk / "desk") as home:
        os.sync()  # the configuration is no part of the trial
        home.senders(trial.length(10, 60))
        daemon = home.desk.start()
        eventually(lambda: _taken(home) >= 10, "mails taken", 90)
        _trip(disk)
        time.sleep(trial.length(4, 20))  # the fault itself
        daemon.kill()
        eventually(lambda: not daemon.left_over(), "the end of its children")
        eventually(partial(_unmount, disk), "an end of the mount", 20)
        subprocess.run(["fsck.ext4", "-fy", str(image)], capture_output=True, check=False)
        subprocess.run(["mount", "-o", "loop", str(image), str(disk)], check=True, capture_output=True)
        with home.desk.running():
            home.settle()
        home.verdict()


def _unmount(disk: Path) -> bool:
    return subprocess.run(["umount", str(disk)], capture_output=True, check=False).returncode == 0


def _trip(disk: Path) -> None:
    """An error that the file system believes to have met; where that cannot be told to it, a remount."""
    device = next(line.split()[0] for line in Path("/proc/mounts").read_text().splitlines() if f" {disk} " in line)
    lever = Path(f"/sys/fs/ext4/{Path(device).name}/trigger_fs_error")
    subprocess.run(["mount", "-o", "remount,errors=remount-ro", str(disk)], check=True, capture_output=True)
    lever.write_text("a trial")


def _fill(disk: Path, left: int) -> None:
    """Up to the last byte when none is to be left: others write at the same time."""
    with (disk / "filling").open("wb", buffering=0) as file:
        free = os.statvfs(disk)
        with suppress(OSError):
            os.posix_fallocate(file.fileno(), 0, max(free.f_bavail * free.f_frsize - left - MB, 4096))
        file.seek(0, os.SEEK_END)
        with suppress(OSError):
            while not left:
                file.write(bytes(4096))


def _use_up_inodes(disk: Path) -> None:
    number = 0
    while True:
        try:
            (disk / f"used-{number}").touch()
        except OSError:
            return
        number += 1


def _taken(home: House) -> int:
    return sum(source.codes[250] for source in home.sources)


def _put_off(home: House) -> int:
    return sum(source.codes[451] + source.codes[452] for source in home.sources)


def _put_off_more(home: House, wanted: int) -> bool:
    return _put_off(home) >= wanted


def _comes_back(trial: Trial, home: House, words: str) -> None:
    before, began = _taken(home), time.monotonic()
    eventually(lambda: _taken(home) > before, f"mail is taken again after {words}", 60)
    seconds = time.monotonic() - began
    trial.see(f"{words}: the next 250 came {seconds:.1f} s after there was room")
    trial.must(f"back within {BACK_WITHIN:.0f} s", hold=seconds <= BACK_WITHIN)
