"""The E-utilities client: Bio.Entrez's requests, one shared rate limit, retry, validation.

Bio.Entrez builds each request (tool, email, key, POST for long lists). It is sent from here, for
Bio.Entrez's own sending has no time limit, waits milliseconds between retries and takes a body that
breaks off for an answer. Opening, reading and judging the body is one step, and that step is
retried. The body decides, not the status line: HTML, `<ERROR>`, JSON and cut XML come with 200, and
a 400 can wrap a failure of the backend.
"""

from __future__ import annotations

import email.utils
import http.client
import json
import re
import socket
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from xml.etree import ElementTree

import tenacity

from textmine.errors import (
    ConfigError,
    MalformedRecord,
    RateLimited,
    SourceError,
    SourceUnavailable,
    TruncatedResponse,
)
from textmine.pubmed.query import CAP, EVERYTHING, SearchAnswer, Slice
from textmine.pubmed.ratelimit import RateLimiter
from textmine.pubmed.raw import RawAnswer, split_answer

__all__ = ["BASE_URL", "Credentials", "EntrezClient", "TransientError", "redact", "words_of"]

BASE_URL = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/"
REQUEST_TIMEOUT = 120.0
ATTEMPTS = 7
# A server that cannot be reached at all is given up sooner than one that answers with errors.
ATTEMPTS_UNREACHED = 4
# Longer than this no run waits for one Retry-After.
LONGEST_WAIT = 300.0

T = TypeVar("T")

_TRANSIENT = re.compile(
    r"backend|temporar|time[d ]?-?out|try (it )?again|unavailable|overload|internal|server error|"
    r"unable to|could not|couldn't|failed|failure|rate limit|too many|busy|exception|expired|"
    r"connection|resource",
    re.IGNORECASE,
)
_PERMANENT = re.compile(
    r"api[ -_]?key (is )?(invalid|not valid|wrong)|invalid api|"
    r"empty term|empty id|id list is empty|invalid (db|database|uid|id)|not supported|"
    r"invalid query|invalid date|parse error|syntax",
    re.IGNORECASE,
)
_BAD_KEY = re.compile(r"api[ -_]?key (is )?(invalid|not valid|wrong)|invalid api", re.IGNORECASE)
_NO_SUCH_IDS = re.compile(
    r"id list is empty|no correct ids?|cannot get document summary|no items found|empty id list",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who asks. The key never shows in a repr."""

    email: str
    tool: str = "textmine"
    api_key: str | None = None

    def __repr__(self) -> str:
        key = "***" if self.api_key else None
        return f"Credentials(email={self.email!r}, tool={self.tool!r}, api_key={key!r})"


def redact(text: str, key: str | None) -> str:
    """The text without the key, in whatever way it was written into an address."""
    for form in {
        key or "",
        urllib.parse.quote(key or "", safe=""),
        urllib.parse.quote_plus(key or ""),
    }:
        if form:
            text = text.replace(form, "***")
    return re.sub(r"(api_key=)[^&\s'\"]+", r"\1***", text)


class TransientError(Exception):
    """An answer worth another try. `answered`: the server said something."""

    def __init__(
        self,
        reason: str,
        *,
        answered: bool = True,
        retry_after: float | None = None,
        kind: type[SourceError] = SourceUnavailable,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.answered = answered
        self.retry_after = retry_after
        self.kind = kind


class EntrezClient:
    """Asks one server. Safe to use from several threads.

    `deadline` is a number of seconds for everything this client does, from its making;
    `request_timeout` for one request from connecting to the last byte.
    Errors: SourceError when the server fails for good, ConfigError when asking again cannot help.
    """

    def __init__(
        self,
        who: Credentials,
        *,
        base_url: str = BASE_URL,
        request_timeout: float = REQUEST_TIMEOUT,
        deadline: float | None = None,
        attempts: int = ATTEMPTS,
        limiter: RateLimiter | None = None,
        log: Callable[[str], None] = lambda _: None,
    ) -> None:
        place = urllib.parse.urlsplit(base_url)
        if place.scheme not in ("http", "https") or not place.hostname:
            raise ConfigError(
                f"The base URL {base_url!r} is no http or https address. NCBI's is {BASE_URL}"
            )
        self.who = who
        self.base_url = base_url.rstrip("/") + "/"
        self.host = place.netloc.rpartition("@")[2]
        self.requests = 0
        self.retries = 0
        self.attempts = attempts
        self.stopped = threading.Event()
        self.limiter = limiter or RateLimiter(self.host, who.api_key)
        self._timeout = request_timeout
        self._until = None if deadline is None else time.monotonic() + deadline
        self._log = log
        self._count_lock = threading.Lock()
        self._live: set[_Guard] = set()
        self._fields: frozenset[str] | None = None

    def stop(self) -> None:
        """Ends all requests under way and all waiting, from any thread."""
        self.stopped.set()
        for guard in list(self._live):
            guard.fire()

    # --- what can be asked ---

    def search(self, term: str, part: Slice = EVERYTHING, retmax: int = CAP) -> SearchAnswer:
        """The count and the first `retmax` PMIDs (at most CAP) of a search."""
        asked = {"db": "pubmed", **part.parameters(term)}
        retmax = min(retmax, CAP)

        def page(start: int) -> SearchAnswer:
            def judge(body: bytes) -> SearchAnswer:
                return _read_search(body, start, retmax - start)

            window = {"retstart": str(start), "retmax": str(retmax - start), "retmode": "xml"}
            return self._ask("esearch", {**asked, **window}, judge)

        answer = first = page(0)
        ids = dict.fromkeys(first.ids)
        while len(ids) < min(first.count, retmax) and answer.ids:
            # The server gives out fewer in one answer than it was asked for.
            before = len(ids)
            answer = page(len(ids))
            ids.update(dict.fromkeys(answer.ids))
            if len(ids) == before:
                break
        return SearchAnswer(
            first.count, tuple(ids), first.translation, first.warnings, first.unknown_fields
        )

    def fetch(self, pmids: Sequence[str], attempts: int | None = None) -> RawAnswer:
        """The records of these PMIDs as they came; the caller checks that all are there."""

        asked = {"db": "pubmed", "id": ",".join(pmids), "retmode": "xml"}
        try:
            return self._ask("efetch", asked, _read_fetch, attempts)
        except _NoSuchIdsError:
            return RawAnswer("PubmedArticleSet", ())

    def info(self) -> Mapping[str, str]:
        """What EInfo says of PubMed: DbBuild, Count, LastUpdate."""

        def judge(body: bytes) -> Mapping[str, str]:
            root = _xml(body, "eInfoResult")
            return {e.tag: (e.text or "").strip() for e in root.iterfind("DbInfo/*") if e.text}

        return self._ask("einfo", {"db": "pubmed", "retmode": "xml"}, judge)

    def fields(self) -> frozenset[str]:
        """The tags and names of PubMed's search fields in lower case, from EInfo; asked once.

        Empty when the server does not say.
        """
        if self._fields is None:

            def judge(body: bytes) -> frozenset[str]:
                root = _xml(body, "eInfoResult")
                texts = (
                    (e.text or "").strip().lower()
                    for path in ("Name", "FullName")
                    for e in root.iterfind(f"DbInfo/FieldList/Field/{path}")
                )
                return frozenset(filter(None, texts))

            try:
                self._fields = self._ask("einfo", {"db": "pubmed", "retmode": "xml"}, judge, 2)
            except SourceError:
                self._fields = frozenset()
        return self._fields

    def entry_day(self, pmid: str) -> date | None:
        """The day a record was entered into PubMed, or None when its record does not say."""
        try:
            answer = self.fetch([pmid], attempts=2)
        except SourceError:
            return None
        for record in answer.records:
            if record.pmid == pmid:
                return entry_day_of(record.xml)
        return None

    # --- how it is asked ---

    def _ask(
        self,
        tool: str,
        asked: Mapping[str, str],
        judge: Callable[[bytes], T],
        attempts: int | None = None,
    ) -> T:
        most = attempts or self.attempts

        def once() -> T:
            with self._count_lock:
                self.requests += 1
            body = self._exchange(tool, asked)
            return judge(body)

        def stop(state: tenacity.RetryCallState) -> bool:
            error = state.outcome.exception() if state.outcome else None
            reached = not isinstance(error, TransientError) or error.answered
            return state.attempt_number >= (most if reached else min(most, ATTEMPTS_UNREACHED))

        backoff = tenacity.wait_random_exponential(multiplier=0.5, max=20)

        def wait(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            asked_for = error.retry_after if isinstance(error, TransientError) else None
            return max(backoff(state), asked_for or 0.0)

        def before_sleep(state: tenacity.RetryCallState) -> None:
            error = state.outcome.exception() if state.outcome else None
            with self._count_lock:
                self.retries += 1
            self._log(redact(f"{tool}: {error} Trying again.", self.who.api_key))

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(TransientError),
            stop=stop,
            wait=wait,
            sleep=self._sleep,
            before_sleep=before_sleep,
            reraise=True,
        )
        try:
            return retrying(once)
        except TransientError as error:
            failure = error
        # Raised outside of the except block: no chain leads back to an address with the key.
        message = redact(
            f"{tool} at {self.host} gave no usable answer: {failure.reason} Try again later; what "
            "has arrived is kept.",
            self.who.api_key,
        )
        raised = failure.kind(message)
        raised.answered = failure.answered  # type: ignore[attr-defined]
        raise raised

    def _request(self, tool: str, asked: Mapping[str, str]) -> urllib.request.Request:
        return _build(self.base_url + f"{tool}.fcgi", asked, self.who)

    def _exchange(self, tool: str, asked: Mapping[str, str]) -> bytes:
        """One request. Failures leave as TransientError, SourceError, ConfigError; redacted."""
        request = self._request(tool, asked)
        timeout = self._timeout
        if self._until is not None:
            timeout = min(timeout, self._until - time.monotonic())
            if timeout <= 0:
                raise SourceUnavailable("The deadline of the run is over. Run again to go on.")
        guard = _Guard(timeout)
        failure: Exception
        self._live.add(guard)
        try:
            with guard:
                try:
                    with guard.open(request, self._permit) as answer:
                        self._heed(answer.headers)
                        body = bytes(answer.read())
                        if guard.fired:
                            raise TimeoutError
                        return body
                except urllib.error.HTTPError as error:
                    failure = self._judge_status(error)
        except (TimeoutError, OSError, http.client.HTTPException, ValueError) as error:
            failure = self._judge_break(error, guard, timeout)
        finally:
            self._live.discard(guard)
        raise failure

    def _judge_break(self, error: Exception, guard: _Guard, timeout: float) -> Exception:
        reason: object = error.reason if isinstance(error, urllib.error.URLError) else error
        if guard.fired or isinstance(reason, TimeoutError):
            text = f"The answer was not complete after {timeout:.0f} s."
            return TransientError(text, answered=guard.reached, kind=TruncatedResponse)
        if isinstance(error, http.client.IncompleteRead):
            got = len(error.partial)
            return TransientError(
                f"The answer broke off after {got} bytes.", kind=TruncatedResponse
            )
        if isinstance(reason, OSError) and not guard.reached:
            text = f"{self.host} cannot be reached ({reason.strerror or reason})."
            return TransientError(text, answered=False)
        what = redact(str(reason) or type(reason).__name__, self.who.api_key)
        return TransientError(f"The connection broke ({what}).", answered=guard.reached)

    def _judge_status(self, error: urllib.error.HTTPError) -> Exception:
        status = error.code
        headers = error.headers
        try:
            with error:
                body = bytes(error.read(1_000_000))
        except (OSError, http.client.HTTPException):
            body = b""
        self._heed(headers)
        said = redact(words_of(body) or str(error.reason), self.who.api_key)
        if status == 429 or "rate limit" in said.lower():
            return self._too_many(headers, body)
        if _BAD_KEY.search(said):
            return ConfigError(
                f"{self.host} does not accept the API key ({said}). Check NCBI_API_KEY, or "
                "unset it."
            )
        if status in (408, 425) or status >= 500 or (_TRANSIENT.search(said) and status == 400):
            if status == 400 and _PERMANENT.search(said):
                return _refused(self.host, status, said)
            after = _retry_after(headers)
            if after:
                self.limiter.hold(min(after, LONGEST_WAIT))
            return TransientError(f"HTTP {status}: {said}.", retry_after=after)
        if status == 400 and _NO_SUCH_IDS.search(said):
            return _NoSuchIdsError(said)
        return _refused(self.host, status, said)

    def _too_many(self, headers: Any, body: bytes) -> Exception:
        after = _retry_after(headers)
        with_limit = re.search(rb'"limit"\s*:\s*"?(\d+)', body)
        if with_limit:
            self.limiter.learn(int(with_limit[1]))
        left = None if self._until is None else self._until - time.monotonic()
        if after is not None and (after > LONGEST_WAIT or (left is not None and after > left)):
            return RateLimited(
                f"{self.host} asks to wait {after:.0f} s before the next request. Run again then; "
                "what has arrived is kept."
            )
        self.limiter.hold(max(after or 0.0, 1.0))
        return TransientError("HTTP 429: too many requests.", retry_after=after, kind=RateLimited)

    def _heed(self, headers: Any) -> None:
        limit = headers.get("X-RateLimit-Limit") if headers else None
        if limit and limit.strip().isdecimal():
            self.limiter.learn(int(limit))

    def _permit(self) -> None:
        self.limiter.acquire(self._sleep, self._until)

    def _sleep(self, seconds: float) -> None:
        if self._until is not None and time.monotonic() + seconds > self._until:
            raise SourceUnavailable("The deadline of the run is over. Run again to go on.")
        if self.stopped.wait(seconds):
            raise SourceUnavailable("The run was stopped.")


class _NoSuchIdsError(Exception):
    """None of the PMIDs asked for exists."""


def _refused(host: str, status: int, said: str) -> Exception:
    hint = "Check the base URL." if status in (404, 405, 410) else "Check the query and settings."
    error = SourceUnavailable(f"{host} refuses the request (HTTP {status}: {said}). {hint}")
    error.answered = True  # type: ignore[attr-defined]
    return error


def _build(url: str, asked: Mapping[str, str], who: Credentials) -> urllib.request.Request:
    from Bio import Entrez

    given = {**asked, "tool": who.tool, "email": who.email}
    if who.api_key:
        given["api_key"] = who.api_key
    request: urllib.request.Request = Entrez._build_request(url, given)  # type: ignore[no-untyped-call]
    request.add_header("User-Agent", f"{who.tool} (textmine; mailto:{who.email})")
    return request


# --- judging bodies ---


def _xml(body: bytes, *roots: str) -> ElementTree.Element:
    """The answer's tree when it is one of `roots`; otherwise says what came instead."""
    if not body.strip():
        raise TransientError("The answer is empty.", kind=TruncatedResponse)
    if b"<!ENTITY" in body[:100_000]:
        raise TransientError("The answer declares entities, which E-utilities never do.")
    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise _judge_garbage(body, error) from None
    if root.tag not in roots:
        errors = [(e.text or "").strip() for e in root.iter("ERROR")]
        if errors:
            raise _judge_error("; ".join(errors))
        raise TransientError(
            f"The answer is a <{root.tag}>, not what was asked for: {words_of(body)}."
        )
    return root


def _judge_garbage(body: bytes, error: object) -> Exception:
    start = body.lstrip()[:200].lower()
    if start.startswith(b"{"):
        said = words_of(body)
        if "rate limit" in said.lower():
            return TransientError(f"The server says: {said}.", retry_after=1.0, kind=RateLimited)
        return _judge_error(said)
    if start.startswith((b"<!doctype html", b"<html")) or b"<html" in start:
        return TransientError(f"A web page came instead of records ({words_of(body)}).")
    if start.startswith(b"<"):
        return TransientError(
            f"The XML of the answer breaks off or is broken ({error}).", kind=TruncatedResponse
        )
    return TransientError(f"The answer is no XML: {words_of(body)}.")


def _judge_error(said: str) -> Exception:
    """An <ERROR> in a body that came with 200."""
    if _BAD_KEY.search(said):
        return ConfigError(
            f"The API key is not accepted ({said}). Check NCBI_API_KEY, or unset it."
        )
    if _NO_SUCH_IDS.search(said):
        return _NoSuchIdsError(said)
    if _PERMANENT.search(said) and not re.search("backend|temporar", said, re.IGNORECASE):
        return _refused("The server", 200, said)
    return TransientError(f"The server says: {said}.")


def words_of(body: bytes) -> str:
    """The readable beginning of a body, for messages."""
    text = body[:20_000].decode("utf-8", "replace")
    try:
        data = json.loads(text)
        if isinstance(data, dict):
            text = str(data.get("error") or data.get("message") or data)
    except ValueError:
        title = re.search(r"<title>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
        error = re.search(r"<ERROR>(.*?)</ERROR>", text, re.DOTALL)
        found = error or title
        text = found[1] if found else re.sub(r"<[^>]*>", " ", text)
    return " ".join(text.split())[:200].rstrip(".")


def _read_search(body: bytes, start: int, asked: int) -> SearchAnswer:
    root = _xml(body, "eSearchResult")
    errors = [(e.text or "").strip() for e in root.findall("ERROR")]
    if errors:
        raise _judge_error("; ".join(errors))
    count_text = (root.findtext("Count") or "").strip()
    if not count_text.isdecimal():
        raise TransientError("The search answer has no count.")
    count = int(count_text)
    ids = [(e.text or "").strip() for e in root.iterfind("IdList/Id")]
    if not all(i.isdecimal() for i in ids):
        raise TransientError("The search answer holds something that is no PMID.")
    if asked > 0 and not ids and count > start:
        raise TransientError(f"The search has {count} hits, but none came.")
    if len(set(ids)) != len(ids):
        raise TransientError("The search answer names the same PMID twice.")
    if len(ids) > max(asked, 0):
        ids = ids[:asked]
    warnings = []
    for path, words in (
        ("ErrorList/PhraseNotFound", "not found in PubMed: {}"),
        ("ErrorList/FieldNotFound", "unknown field: {}"),
        ("WarningList/PhraseIgnored", "ignored: {}"),
        ("WarningList/QuotedPhraseNotFound", "phrase not found, searched as words: {}"),
        ("WarningList/OutputMessage", "{}"),
    ):
        warnings += [words.format((e.text or "").strip()) for e in root.iterfind(path)]
    unknown = tuple((e.text or "").strip() for e in root.iterfind("ErrorList/FieldNotFound"))
    translation = (root.findtext("QueryTranslation") or "").strip() or None
    return SearchAnswer(count, tuple(ids), translation, tuple(warnings), unknown)


def _read_fetch(body: bytes) -> RawAnswer:
    if not body.strip():
        raise TransientError("The answer is empty.", kind=TruncatedResponse)
    try:
        answer = split_answer(body)
    except (MalformedRecord, LookupError, UnicodeDecodeError) as error:
        raise _judge_garbage(body, error) from None
    if answer.root not in ("PubmedArticleSet", "PubmedBookArticleSet"):
        if answer.errors:
            raise _judge_error("; ".join(answer.errors))
        if answer.root.lower() == "html":
            raise TransientError(f"A web page came instead of records ({words_of(body)}).")
        raise TransientError(f"The answer is a <{answer.root}>, not records: {words_of(body)}.")
    if answer.errors and not answer.records:
        raise _judge_error("; ".join(answer.errors))
    return answer


def entry_day_of(xml: bytes) -> date | None:
    """PubmedData/History's entry date of one record, None when it has none."""
    try:
        root = ElementTree.fromstring(xml)
    except ElementTree.ParseError:
        return None
    for stamp in root.iter("PubMedPubDate"):
        if stamp.get("PubStatus") == "entrez":
            try:
                return date(*(int(stamp.findtext(k) or "") for k in ("Year", "Month", "Day")))
            except ValueError:
                return None
    return None


def _retry_after(headers: Any) -> float | None:
    """Seconds the server asks to wait, from a number or a date."""
    value = (headers.get("Retry-After") or "").strip() if headers else ""
    if re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value)
    if value:
        try:
            when = email.utils.parsedate_to_datetime(value)
        except ValueError:
            return None
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        return max(0.0, (when - datetime.now(UTC)).total_seconds())
    return None


# --- the connection, with a time limit on all of it ---


class _Guard:
    """Ends an exchange that takes too long, however slowly the bytes trickle."""

    def __init__(self, seconds: float) -> None:
        self.fired = False
        self.reached = False
        self._seconds = seconds
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self.fire)
        self._timer.daemon = True

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def fire(self) -> None:
        self.fired = True
        if self._socket is not None:
            try:
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
            except OSError:
                return

    def connected(self, connection: http.client.HTTPConnection, permit: Callable[[], None]) -> None:
        """Called when the connection stands: waits for the permit, then starts the clock."""
        self.reached = True
        self._socket = connection.sock
        permit()
        if not self._timer.is_alive() and not self.fired:
            self._timer.start()

    def open(self, request: urllib.request.Request, permit: Callable[[], None]) -> Any:
        guard = self

        class Plain(http.client.HTTPConnection):
            def connect(self) -> None:
                super().connect()
                guard.connected(self, permit)

        class Secure(http.client.HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                guard.connected(self, permit)

        class PlainHandler(urllib.request.HTTPHandler):
            def http_open(self, req: urllib.request.Request) -> Any:
                return self.do_open(Plain, req)

        class SecureHandler(urllib.request.HTTPSHandler):
            def https_open(self, req: urllib.request.Request) -> Any:
                return self.do_open(Secure, req)

        opener = urllib.request.build_opener(PlainHandler, SecureHandler)
        return opener.open(request, timeout=self._seconds)
