"""400 idle, 40 dripping, endless, flooding clients at once, and one innocent among them (faults F32, F33)."""

import contextlib
import smtplib
import socket
import threading
import time

from tests.faults.fault import Trial
from tests.faults.house import House, house
from tests.faults.measure import Gauge
from tests.faults.source import conversations

LIMITS = """
[limits]
connections = 1000
connections_per_peer = 200
"""
MB = 1024 * 1024
MOST_BYTES = 512 * MB
INNOCENT_WITHIN = 2.0
PER_PEER = 100


def hostile_clients(trial: Trial) -> None:
    """F32: what the innocent one sees, and what all this costs in memory."""
    with house(trial, extra=LIMITS) as home, home.desk.running() as daemon, Gauge(daemon) as gauge:
        over = threading.Event()
        idle = trial.length(100, 400)
        crowd = [threading.Thread(target=_idle, args=(home, over, n), daemon=True) for n in range(idle)]
        crowd += [
            threading.Thread(target=_drips, args=(home, over, n), daemon=True) for n in range(trial.length(10, 40))
        ]
        for number, each in enumerate((_endless, _newlines, _recipients, _endless, _newlines, _recipients)):
            crowd.append(threading.Thread(target=each, args=(home, over, number), daemon=True))
        for thread in crowd:
            thread.start()
        seconds = [_innocent(home, number) for number in range(trial.length(30, 300))]
        over.set()
        for thread in crowd:
            thread.join(20)
        _sum_up(trial, home, gauge, sorted(seconds))


def _sum_up(trial: Trial, home: House, gauge: Gauge, seconds: list[float]) -> None:
    p99 = seconds[len(seconds) * 99 // 100 - (len(seconds) < 100)]
    trial.see(f"innocent client: {len(seconds)} mails, median {seconds[len(seconds) // 2]:.2f} s, p99 {p99:.2f} s")
    trial.see(f"all processes at most {gauge.most_bytes / MB:.0f} MB, at most {gauge.most_files} files open")
    trial.must(f"the innocent client's p99 within {INNOCENT_WITHIN:.0f} s", hold=p99 <= INNOCENT_WITHIN)
    trial.must("all processes within 512 MB", hold=gauge.most_bytes <= MOST_BYTES)
    home.settle()
    home.verdict()


def _innocent(home: House, number: int) -> float:
    """MAIL to 250, in seconds; a failure fails the trial."""
    letter = conversations(1, home.random, number)[0][0]
    began = time.monotonic()
    with smtplib.SMTP("127.0.0.1", home.desk.port, timeout=30, source_address=("127.0.2.1", 0)) as client:
        client.sendmail(letter.sender, ["support@acme.test"], letter.source)
    letter.answers.append(250)
    home.in_mailboxes.append(letter)
    return time.monotonic() - began


def _connected(home: House, number: int) -> socket.socket:
    source = (f"127.0.1.{number // PER_PEER + 1}", 0)
    return socket.create_connection(("127.0.0.1", home.desk.port), 20, source_address=source)


def _idle(home: House, over: threading.Event, number: int) -> None:
    with contextlib.suppress(OSError), _connected(home, number):
        over.wait()


def _drips(home: House, over: threading.Event, number: int) -> None:
    """One byte a second, again when it is sent away."""
    while not over.is_set():
        with contextlib.suppress(OSError), _connected(home, 1000 + number) as line:
            while not over.wait(1):
                line.sendall(b"E")


def _endless(home: House, over: threading.Event, number: int) -> None:
    _floods(home, over, number, b"x" * 65_536)


def _newlines(home: House, over: threading.Event, number: int) -> None:
    _floods(home, over, number, b"\r\n" * 32_768)


def _floods(home: House, over: threading.Event, number: int, block: bytes) -> None:
    """30 MB of it, then a pause: a loopback line carries more than any stranger's."""
    while not over.is_set():
        with contextlib.suppress(OSError), _connected(home, 2000 + 10 * number) as line:
            line.sendall(b"EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<support@acme.test>\r\nDATA\r\n")
            for _ in range(30 * MB // len(block)):
                if over.is_set():
                    return
                line.sendall(block)
        over.wait(1)


def _recipients(home: House, over: threading.Event, number: int) -> None:
    while not over.is_set():
        with contextlib.suppress(OSError), _connected(home, 2000 + 10 * number) as line:
            line.sendall(b"EHLO x\r\nMAIL FROM:<a@b.test>\r\n")
            for place in range(2000):
                line.sendall(f"RCPT TO:<support+{place}@acme.test>\r\n".encode())
                line.recv(4096)
        over.wait(1)
