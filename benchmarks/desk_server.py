"""Serves a desk for `benchmarks/desk.py`: prints where, then answers until it is ended.

Who asks stands in the header X-Remote-User, so that no password is hashed while pages are timed;
with --sessions people log in.
"""

from __future__ import annotations

import socket
import sys

import uvicorn

from textmine.review.desk import Desk
from textmine.review.web.app import create_app


def main() -> None:
    desk = Desk(sys.argv[1], pool=12)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(256)
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    proxied = "--sessions" not in sys.argv
    app = create_app(desk, proxy_header="X-Remote-User" if proxied else None)
    config = uvicorn.Config(app, log_level="error", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])
    desk.close()


if __name__ == "__main__":
    main()
