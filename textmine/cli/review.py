"""`textmine review`: the reviewers' desk in the browser."""

from __future__ import annotations

import sys
from typing import Annotated

import typer


def review(
    store: Annotated[
        str, typer.Option("--store", help="The store: sqlite:///FILE or postgresql://USER@HOST/DB.")
    ],
    port: Annotated[int, typer.Option("--port", help="0: any that is free.")] = 8321,
    host: Annotated[
        str, typer.Option("--host", help="Where to listen; other machines reach 0.0.0.0.")
    ] = "127.0.0.1",
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Show everything, store no decision.")
    ] = False,
    https: Annotated[
        bool, typer.Option("--https", help="Browsers come over https (a proxy before the desk).")
    ] = False,
    header: Annotated[
        str | None,
        typer.Option(
            "--trusted-proxy-header",
            help="A header in which your proxy names who asks, e.g. X-Remote-User. The proxy must "
            "remove it from what browsers send.",
        ),
    ] = None,
    proxy: Annotated[
        list[str] | None,
        typer.Option(
            "--trusted-proxy",
            help="With it: answer this address (or network) alone. Default: this machine.",
        ),
    ] = None,
    proxy_role: Annotated[
        str | None,
        typer.Option(
            "--proxy-role",
            help="With it: people the desk does not know get this role; without it, they are "
            "refused.",
        ),
    ] = None,
) -> None:
    """Judge what was found: opens the reviewers' desk on a store, in the browser.

    Without accounts the desk is for one person on this machine: open the link that it prints. For
    several reviewers make accounts with `textmine desk account add`. Ctrl-C ends it.

    Example: textmine review --store sqlite:///textmine-run/textmine.db
    """
    from textmine.review.desk import Desk
    from textmine.review.serve import serve

    # Requests are answered by up to 40 threads; each needs a connection for a few milliseconds.
    desk = Desk(store, read_only=read_only, pool=12, say=lambda line: print(line, file=sys.stderr))
    try:
        serve(
            desk,
            host=host,
            port=port,
            proxy_header=header,
            proxy_role=proxy_role,
            proxies=tuple(proxy or ("127.0.0.1", "::1")),
            https=https,
        )
    finally:
        desk.close()
