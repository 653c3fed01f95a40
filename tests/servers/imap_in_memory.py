"""pymap in this process: an IMAP server with mailboxes in memory, up in milliseconds."""

import asyncio
import threading
from argparse import Namespace
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager

from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPServer

USER, PASSWORD = "demouser", "demopass"


@contextmanager
def in_memory_imap() -> Iterator[int]:
    """The port of a server whose only user has an empty INBOX."""
    started = threading.Event()
    ports: list[int] = []
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        args = Namespace(
            demo_data=False, demo_user=USER, demo_password=PASSWORD, host="127.0.0.1", port=0, cert=None, key=None,
            tls=False, proxy_protocol=None, inherited_sockets=None, debug=False, passlib_cfg=None,
        )  # fmt: skip
        backend, config = await DictBackend.init(args)
        config.apply_context()
        callback = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(backend.login, config))
        async with AsyncExitStack() as stack, await asyncio.start_server(callback, "127.0.0.1", 0) as server:
            await backend.start(stack)
            ports.append(server.sockets[0].getsockname()[1])
            started.set()
            await stop.wait()
            sessions = asyncio.all_tasks() - {asyncio.current_task()}
            for session in sessions:
                session.cancel()
            await asyncio.gather(*sessions, return_exceptions=True)

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert started.wait(10)
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()
