"""The server itself: esearch, efetch, epost, esummary-less, einfo over HTTP/1.1, with faults."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
import urllib.parse
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from xml.sax.saxutils import escape

from tests.eutils.records import Collection, Record, document
from tests.eutils.scenarios import Request, Scenario

CAP = 9_999
_XML = "text/xml; charset=UTF-8"
_SEARCH_HEAD = (
    '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eSearchResult PUBLIC '
    '"-//NLM//DTD esearch 20060628//EN" '
    '"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20060628/esearch.dtd">\n'
)


class EutilsServer(ThreadingHTTPServer):
    """`with EutilsServer(records) as server: ... server.url`.

    `limit` requests a second are allowed (`key_limit` with a key); more are answered with 429 when
    `enforce`, and counted in any case: `busiest()` is the most requests in any sliding second.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        records: Iterable[Record],
        scenario: Scenario | None = None,
        *,
        port: int = 0,
        limit: int = 3,
        key_limit: int = 10,
        enforce: bool = False,
        latency: float = 0.0,
        announce: bool = True,
    ) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.collection = Collection(list(records))
        self.scenario = scenario or Scenario("none")
        self.limit = limit
        self.key_limit = key_limit
        self.enforce = enforce
        self.latency = latency
        self.announce = announce
        self.log: list[Request] = []
        self.lock = threading.Lock()
        self.history: dict[str, list[Record]] = {}
        self.history_uses = 0
        self.merged: dict[int, int] = {}  # PMIDs that are now part of another record
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/entrez/eutils/"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are part of the game."""

    def requests(self, tool: str | None = None) -> list[Request]:
        return [r for r in self.log if tool in (None, r.tool)]

    def busiest(self, window: float = 1.0) -> int:
        """The most requests within any window of seconds."""
        times = sorted(r.at for r in self.log)
        most = begin = 0
        for end, at in enumerate(times):
            while times[begin] <= at - window:
                begin += 1
            most = max(most, end - begin + 1)
        return most

    def note(self, tool: str, method: str, params: dict[str, str]) -> tuple[Request, bool]:
        """Logs a request; says whether it came too fast."""
        with self.lock:
            now = time.monotonic()
            number = sum(r.tool == tool for r in self.log) + 1
            ids = tuple(i for i in params.get("id", "").split(",") if i.strip())
            request = Request(now, tool, method, params, number, ids)
            limit = self.key_limit if params.get("api_key") else self.limit
            recent = sum(now - r.at < 1.0 for r in self.log[-50:])
            self.log.append(request)
            request.fault = self.scenario.rule(request)
            return request, self.enforce and recent >= limit


class _Handler(BaseHTTPRequestHandler):
    server: EutilsServer
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._serve(urllib.parse.urlsplit(self.path).query)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self._serve(self.rfile.read(length).decode())

    def _serve(self, query: str) -> None:
        self.close_connection = True
        pairs = urllib.parse.parse_qsl(query, keep_blank_values=True)
        params: dict[str, str] = {}
        for key, value in pairs:
            params[key] = f"{params[key]},{value}" if key == "id" and key in params else value
        tool = urllib.parse.urlsplit(self.path).path.rsplit("/", 1)[-1].removesuffix(".fcgi")
        request, too_fast = self.server.note(tool, self.command, params)
        if self.server.latency:
            time.sleep(self.server.latency)
        try:
            if too_fast:
                request.fault = "rate"
                self._fault("http_429_json", b"")
                return
            answer = getattr(self, f"_{tool}", None)
            if answer is None:
                self._send(404, b"<html><title>404</title></html>", "text/html")
                return
            status, body = answer(request)
            if request.fault and request.fault not in _BODY_FAULTS:
                self._fault(request.fault, body)
            else:
                self._send(status, body)
        except (BrokenPipeError, ConnectionResetError):
            pass

    # --- tools ---

    def _einfo(self, request: Request) -> tuple[int, bytes]:
        count = len(self.server.collection.sorted)
        body = (
            "<eInfoResult><DbInfo><DbName>pubmed</DbName><DbBuild>Build-test</DbBuild>"
            f"<Count>{count}</Count><LastUpdate>2026/01/01 00:00</LastUpdate>"
            "<FieldList><Field><Name>TIAB</Name><FullName>Title/Abstract</FullName></Field>"
            "<Field><Name>NEWF</Name><FullName>New Field</FullName></Field></FieldList></DbInfo>"
            "</eInfoResult>"
        )
        return 200, body.encode()

    def _esearch(self, request: Request) -> tuple[int, bytes]:
        p = request.params
        term = p.get("term", "")
        if not term.strip():
            return 200, _search_error("Empty term and query_key - nothing todo")
        found = self.server.collection.search(
            term, p.get("datetype", ""), p.get("mindate", ""), p.get("maxdate", "")
        )
        start = int(p.get("retstart") or 0)
        size = min(int(p.get("retmax") or 20), 10_000)
        if start + size > CAP and start >= CAP:
            return 200, _search_error(
                "Search Backend failed: Exception: 'retstart' cannot be larger than 9998."
            )
        page = found[start : min(start + size, CAP)]
        extra = ""
        if p.get("usehistory") == "y":
            extra = f"<QueryKey>1</QueryKey><WebEnv>{self._remember(found)}</WebEnv>"
        ids = "\n".join(f"<Id>{r.pmid}</Id>" for r in page)
        body = (
            f"{_SEARCH_HEAD}<eSearchResult><Count>{len(found)}</Count><RetMax>{len(page)}</RetMax>"
            f"<RetStart>{start}</RetStart>{extra}<IdList>{ids}</IdList><TranslationSet/>"
            f"<QueryTranslation>{escape(term)}</QueryTranslation>{_phrases(term, found)}"
            "</eSearchResult>"
        )
        return 200, body.encode()

    def _remember(self, records: list[Record]) -> str:
        with self.server.lock:
            name = f"MCID_{len(self.server.history) + 1:024d}"
            self.server.history[name] = records
        return name

    def _epost(self, request: Request) -> tuple[int, bytes]:
        known = self.server.collection.by_pmid
        name = self._remember([known[int(i)] for i in request.ids if int(i) in known])
        body = f"<ePostResult><QueryKey>1</QueryKey><WebEnv>{name}</WebEnv></ePostResult>"
        return 200, body.encode()

    def _efetch(self, request: Request) -> tuple[int, bytes]:
        p = request.params
        server = self.server
        if p.get("WebEnv"):
            found = server.history.get(p["WebEnv"])
            server.history_uses += 1
            lives = server.scenario.history_lives
            if found is None or (lives is not None and server.history_uses > lives):
                return 400, _fetch_error("Unable to obtain query #1")
            start = int(p.get("retstart") or 0)
            records = found[start : start + min(int(p.get("retmax") or 20), 10_000)]
            return 200, document(records)
        if not request.ids:
            return 400, _fetch_error("ID list is empty! Possibly it has no correct IDs.")
        wanted = [int(i) for i in request.ids if i.isdecimal()]
        if server.scenario.poison & set(wanted):
            return 500, b"<html><title>500 Internal Server Error</title></html>"
        known = server.collection.by_pmid
        gone = [i for i in wanted if i in server.collection.deleted]
        lost = server.scenario.lost | server.collection.deleted
        wanted = [server.merged.get(i, i) for i in wanted]
        records = [known[i] for i in dict.fromkeys(wanted) if i in known and i not in lost]
        return 200, _mangle(request.fault, records, server.collection, wanted, gone)

    # --- faults ---

    def _send(
        self, status: int, body: bytes, kind: str = _XML, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        if self.server.announce:
            limit = self.server.limit
            if "api_key=" in self.path or self.command == "POST":
                key = self.server.log[-1].params.get("api_key")
                limit = self.server.key_limit if key else limit
            self.send_header("X-RateLimit-Limit", str(limit))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _fault(self, fault: str, body: bytes) -> None:
        if fault in _SIMPLE:
            status, text, kind, headers = _SIMPLE[fault]
            self._send(status, text, kind, headers)
        elif fault == "cut_xml":
            self._send(200, body[: len(body) * 2 // 3])
        elif fault == "unknown_dtd":
            self._send(
                200, body.replace(b"pubmed_250101", b"pubmed_990101").replace(b"2025", b"2099")
            )
        elif fault == "latin1":
            text = body.decode().replace('version="1.0" ', 'version="1.0" encoding="ISO-8859-1" ')
            self._send(200, text.encode("latin-1", "xmlcharrefreplace"))
        elif fault == "entity":
            self._send(200, b'<!DOCTYPE x [<!ENTITY a "b">]>' + body[body.find(b"<Pubmed") :])
        elif fault in ("cut_length", "reset_midway"):
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            if fault == "reset_midway":
                self._reset()
        elif fault == "reset":
            self._reset()
        elif fault == "hang":
            self.server.closing.wait(60)
        elif fault == "trickle":
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            for i in range(len(body)):
                self.wfile.write(body[i : i + 1])
                self.wfile.flush()
                if self.server.closing.wait(0.05):
                    return
        else:
            raise AssertionError(f"no fault {fault}")

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


# Faults in what a well-formed answer holds.
_BODY_FAULTS = ("drop_one", "drop_half", "duplicate", "unasked", "swap")

_HTML = (
    b"<!DOCTYPE html><html><head><title>NCBI - WWW Error Blocked Diagnostic</title></head></html>"
)
_SIMPLE: dict[str, tuple[int, bytes, str, dict[str, str]]] = {
    "http_429_json": (
        429,
        json.dumps(
            {"error": "API rate limit exceeded", "api-key": "127.0.0.1", "count": "4", "limit": "3"}
        ).encode(),
        "application/json",
        {},
    ),
    "http_429_retry_after": (429, b"slow down", "text/plain", {"Retry-After": "1"}),
    "http_500": (500, b"<html><title>500 Internal Server Error</title></html>", "text/html", {}),
    "http_502": (502, b"<html><title>502 Bad Gateway</title></html>", "text/html", {}),
    "http_503_retry_after": (503, b"Service Unavailable", "text/plain", {"Retry-After": "1"}),
    "html_200": (200, _HTML, "text/html", {}),
    "error_200": (
        200,
        b"<eFetchResult><ERROR>Search Backend failed: Database is temporarily unavailable</ERROR>"
        b"</eFetchResult>",
        _XML,
        {},
    ),
    "backend_400": (
        400,
        b"<eFetchResult><ERROR>Error occurred: Unable to open connection to backend #9</ERROR>"
        b"</eFetchResult>",
        _XML,
        {},
    ),
    "empty_200": (200, b"", _XML, {}),
    "json_200": (
        200,
        b'{"error":"error forwarding request","api-key":"x"}',
        "application/json",
        {},
    ),
    "wrong_document": (200, b"<eSummaryResult></eSummaryResult>", _XML, {}),
    "bad_key": (
        400,
        b'{"error":"API key invalid","api-key":"secret","type":"api","status":"unknown"}',
        "application/json",
        {},
    ),
    "bad_request": (
        400,
        b"<eFetchResult><ERROR>Invalid db name specified</ERROR></eFetchResult>",
        _XML,
        {},
    ),
}


def _mangle(
    fault: str | None,
    records: list[Record],
    collection: Collection,
    wanted: list[int],
    gone: list[int],
) -> bytes:
    if fault == "drop_one":
        records = records[:-1]
    elif fault == "drop_half":
        records = records[::2]
    elif fault == "duplicate":
        records = records + records[:2]
    elif fault in ("unasked", "swap"):
        stranger = next((r for r in collection.sorted if r.pmid not in wanted), None)
        if stranger:
            records = [stranger, *(records[1:] if fault == "swap" else records)]
    return document(records, gone)


def _search_error(text: str) -> bytes:
    return f"{_SEARCH_HEAD}<eSearchResult><ERROR>{escape(text)}</ERROR></eSearchResult>".encode()


def _fetch_error(text: str) -> bytes:
    return f"<eFetchResult><ERROR>{escape(text)}</ERROR></eFetchResult>".encode()


def _phrases(term: str, found: list[Record]) -> str:
    if found:
        return ""
    return (
        f"<ErrorList><PhraseNotFound>{escape(term)}</PhraseNotFound></ErrorList><WarningList>"
        "<OutputMessage>No items found.</OutputMessage></WarningList>"
    )
