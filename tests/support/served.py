"""A `World` that also answers on a real port; its address is `settings.public_url`."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from service.api.bounded_http import Bounds, bounded
from service.api.proxies import BehindProxies
from service.app import create_app
from tests.support.service import World


@contextmanager
def served_world(db: str, **settings: Any) -> Iterator[World]:
    """The world with its server in a thread, stopped at the end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with World(db, public_url=url, **settings) as world:
            config = uvicorn.Config(
                BehindProxies(create_app(world.runtime), world.runtime),
                http=bounded(Bounds()),
                ws="none",
                log_config=None,
                access_log=False,
                lifespan="off",
                proxy_headers=False,
            )
            server = uvicorn.Server(config)
            serving = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
            serving.start()
            try:
                yield world
            finally:
                server.should_exit = True
                serving.join(timeout=15)
