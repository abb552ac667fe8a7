"""Europe PMC's search over HTTP: cursors, hit counts, and faults by the number of the request."""

from __future__ import annotations

import json
import threading
import urllib.parse
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

Fault = Callable[[int, dict[str, str]], str | None]

TRANSIENT = ("http_500", "http_503", "http_429", "html_200", "empty", "cut", "error_json", "reset")


def record(number: int, **more: Any) -> dict[str, Any]:
    """A small record in Europe PMC's own shape."""
    return {
        "id": str(number),
        "source": "MED",
        "pmid": str(number),
        "doi": f"10.1/{number}",
        "title": f"Record <i>{number}</i>.",
        "authorString": "Doe J.",
        "abstractText": f"<h4>Background</h4>Words of {number}.<h4>Results</h4>p &lt; 0.05.",
        "pubYear": "2021",
        **more,
    }


class EuropePmcServer(ThreadingHTTPServer):
    """`with EuropePmcServer(records) as server: ... server.url`.

    `fault` says for the n-th request (from 1) which fault strikes; `claimed` is the hit count given
    out when it is not the true one.
    """

    daemon_threads = True

    def __init__(
        self,
        records: Sequence[dict[str, Any]],
        fault: Fault = lambda _number, _params: None,
        claimed: int | None = None,
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.records = list(records)
        self.fault = fault
        self.claimed = claimed
        self.log: list[dict[str, str]] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/europepmc/webservices/rest/"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are part of the game."""

    def answer(self, params: dict[str, str], fault: str | None) -> dict[str, Any]:
        cursor = params.get("cursorMark", "*")
        size = min(int(params.get("pageSize", "25")), 1000)
        start = 0 if cursor == "*" else int(cursor.split("-")[1])
        if fault == "repeat" and start:
            start = max(0, start - size)
        page = self.records[start : start + size]
        if params.get("resultType") == "idlist":
            page = [{k: r[k] for k in ("id", "source", "pmid") if k in r} for r in page]
        if fault == "drop":
            page = page[:-1]
        end = min(start + size, len(self.records))
        following = f"at-{end}"
        if fault == "repeat":
            following = f"at-{end}-again"
        return {
            "version": "6.9",
            "hitCount": len(self.records) if self.claimed is None else self.claimed,
            "nextCursorMark": cursor if start >= len(self.records) else following,
            "request": {"queryString": params.get("query", ""), "cursorMark": cursor},
            "resultList": {"result": page},
        }


class _Handler(BaseHTTPRequestHandler):
    server: EuropePmcServer
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._serve("/search", urllib.parse.urlsplit(self.path).query)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self._serve("/searchPOST", self.rfile.read(length).decode())

    def _serve(self, tool: str, query: str) -> None:
        self.close_connection = True
        params = dict(urllib.parse.parse_qsl(query))
        with self.server.lock:
            self.server.log.append(params)
            fault = self.server.fault(len(self.server.log), params)
        if not urllib.parse.urlsplit(self.path).path.endswith(tool):
            self._send(404, b"no such service")
            return
        body = json.dumps(self.server.answer(params, fault)).encode()
        if fault == "reset":
            self.connection.close()
        elif fault and fault.startswith("http_"):
            self._send(int(fault[5:]), b"<html><title>no</title></html>")
        elif fault == "html_200":
            self._send(200, b"<!DOCTYPE html><html><title>Maintenance</title></html>")
        elif fault == "empty":
            self._send(200, b"")
        elif fault == "cut":
            self._send(200, body[: len(body) // 2])
        elif fault == "error_json":
            self._send(200, b'{"errCode":"500","errMsg":"Internal server error"}')
        elif fault == "bad_query":
            self._send(200, b'{"errCode":"400","errMsg":"Invalid query"}')
        else:
            self._send(200, body)

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
