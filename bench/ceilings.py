"""The ceilings: aiosmtpd with an empty handler, the standard library's parser, smtplib on one connection.

`python -m bench.ceilings` is the aiosmtpd server; it prints its port.
"""

import email
import smtplib
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from bench.client import send
from bench.corpus import Mail
from bench.processes import Process
from bench.sink import Sink

NOTICE_BYTES = 3000
SAMPLE = b"The mail is as large as a notice of maild, and says no more than this line does.\r\n"


class Nothing:
    """A handler that keeps nothing."""

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: N802
        """Says 250."""
        return "250 fine"


def serve() -> None:
    """The stock controller with its defaults, but for a size limit that lets the corpus pass."""
    from aiosmtpd.controller import Controller

    controller = Controller(Nothing(), hostname="127.0.0.1", port=0, ready_timeout=10)
    # With port 0 the controller's own probe would knock at port 0: its server is begun by hand.
    loop = controller.loop
    server = loop.run_until_complete(loop.create_server(controller._factory_invoker, "127.0.0.1", 0))
    print(f"ceiling 127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    loop.run_forever()


def accept(mails: Sequence[Mail], connections: int, warm: int, log: Path) -> dict[str, float]:
    """Mails per second and server CPU per mail of aiosmtpd alone."""
    with Process([sys.executable, "-m", "bench.ceilings"], log, "ceiling") as server:
        send(server.port, mails[:warm], connections)
        before = server.weigh()
        seconds = send(server.port, mails, connections)
        after = server.weigh()
    return {"per_second": len(mails) / seconds, "cpu_ms": (after.cpu - before.cpu) / len(mails) * 1000}


def parse(mails: Sequence[Mail]) -> dict[str, float]:
    """compat32: the tree, and every part decoded."""
    began, cpu = time.perf_counter(), time.process_time()
    for mail in mails:
        for part in email.message_from_bytes(mail.content).walk():
            part.get_payload(decode=True)
    used = time.process_time() - cpu
    return {"per_second": len(mails) / (time.perf_counter() - began), "cpu_ms": used / len(mails) * 1000}


def notice(size: int = NOTICE_BYTES) -> bytes:
    """A mail of about so many bytes."""
    return b"Subject: notice\r\n\r\n" + SAMPLE * (size // len(SAMPLE))


def smtplib_one_connection(sink: Sink, count: int, size: int = NOTICE_BYTES) -> dict[str, float]:
    """Mails of a notice's size through smtplib, one connection, as fast as it goes."""
    content = notice(size)
    with smtplib.SMTP("127.0.0.1", sink.port) as smtp:
        smtp.sendmail("support@desk.test", ["someone@customer.test"], content)
        began, cpu = time.perf_counter(), time.thread_time()
        for _ in range(count):
            smtp.sendmail("support@desk.test", ["someone@customer.test"], content)
        used = time.thread_time() - cpu
        seconds = time.perf_counter() - began
    return {"per_second": count / seconds, "cpu_ms": used / count * 1000}


__all__ = ["accept", "notice", "parse", "smtplib_one_connection"]

if __name__ == "__main__":
    threading.current_thread().name = "ceiling"
    serve()
