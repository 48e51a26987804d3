"""How a publisher is read over HTTP: conditionally, resumably, within limits, and politely.

Rules: RFC 9110 (conditional requests section 13, ranges section 14, Retry-After section 10.2.3),
https://www.rfc-editor.org/rfc/rfc9110; proxies from the environment as curl reads them.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import urljoin

from assay.errors import Denied, Invalid, LimitExceeded, NotFound, Unavailable
from assay.intel.connection import Address, HttpSettings, Pools, address_of
from assay.intel.partial import PartFile

_CHUNK = 256 << 10
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
_COMPRESSED = (".gz", ".xz", ".zst", ".zip", ".bz2", ".tgz")
_MAX_REDIRECTS = 8


class _Response(Protocol):
    """What this module uses of urllib3's response."""

    status: int

    @property
    def headers(self) -> Mapping[str, str]: ...
    def read1(self, amt: int | None = None, decode_content: bool | None = None) -> bytes: ...
    def drain_conn(self) -> None: ...
    def close(self) -> None: ...
    def release_conn(self) -> None: ...


class _Retry(Exception):
    """An attempt failed in a way that another one may mend; ``wait`` is what the publisher asked for, in seconds."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait


@dataclass(slots=True)
class _Pace:
    """The least time between two requests to one host."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    next_at: dict[str, float] = field(default_factory=dict)


class HttpTransport:
    """``Transport`` over HTTP and HTTPS.

    ``get`` answers with the validators of the stored body (``etag``, ``last-modified``) and, where the publisher
    pages with a Link header, the next page's address as ``next``. Credentials in an address, in the settings or in
    the proxy's address are sent and never shown.
    """

    def __init__(
        self,
        settings: HttpSettings | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._settings = settings or HttpSettings()
        self._pools = Pools(self._settings)
        self._sleep = sleep
        self._clock = clock
        self._jitter = jitter
        self._pace = _Pace()

    def get(self, url: str, into: Path, /, *, validators: Mapping[str, str], limit: int) -> Mapping[str, str] | None:
        """Store the body of ``url`` at ``into``; None when it has not changed since ``validators``.

        Raises Unavailable after the last attempt, Denied, NotFound, Invalid for an address that cannot be read, and
        LimitExceeded for a body of more than ``limit`` bytes.
        """
        address = address_of(url)
        deadline = self._clock() + self._settings.total_timeout
        part = PartFile(into, address.shown)
        reason = ""
        for attempt in range(self._settings.retries + 1):
            try:
                return self._attempt(address, part, validators, limit, deadline)
            except _Retry as retry:
                reason = retry.reason
                if attempt == self._settings.retries:
                    break
                wait = self._delay(attempt, retry)
                if wait > self._settings.longest_wait:
                    reason += f"; the publisher asks to come back in {wait:.0f} seconds"
                    break
                if self._clock() + wait >= deadline:
                    reason += " and the time for this download is used up"
                    break
                self._sleep(wait)
        raise Unavailable(f"{address.shown}: {reason}")

    def _delay(self, attempt: int, retry: _Retry) -> float:
        """Exponential with jitter, or what the publisher asked for."""
        settings = self._settings
        if retry.wait is not None:
            return retry.wait
        return min(settings.longest_wait, settings.backoff * 2.0**attempt) * (0.5 + self._jitter() / 2)

    def _attempt(
        self, address: Address, part: PartFile, validators: Mapping[str, str], limit: int, deadline: float
    ) -> Mapping[str, str] | None:
        headers = {**_conditions(validators), **part.range_headers()}
        if not headers.get("Range") and not address.path.endswith(_COMPRESSED):
            headers["Accept-Encoding"] = "gzip"
        response, final = self._follow(address, headers)
        try:
            if response.status == HTTPStatus.NOT_MODIFIED and validators:
                part.discard()
                return None
            if not part.continues(response.status, response.headers):
                part.discard()
                raise _Retry("the publisher refused to continue a broken download")
            self._check_status(response, final)
            self._store(response, part, limit, deadline, final)
        finally:
            response.close()
            response.release_conn()
        part.finish()
        return _validators(response.headers, final)

    def _follow(self, address: Address, headers: Mapping[str, str]) -> tuple[_Response, Address]:
        """Request, following redirects; each host gets only its own credentials."""
        for _ in range(_MAX_REDIRECTS):
            self._wait_turn(address.host)
            response = self._request(address, headers)
            location = response.headers.get("location")
            if response.status not in _REDIRECTS or not location:
                return response, address
            response.drain_conn()
            response.release_conn()
            target = address_of(urljoin(address.url, location))
            if address.scheme == "https" and target.scheme != "https":
                raise Denied(f"{address.shown}: redirected from https to {target.scheme}, which is not followed")
            address = target
        raise Unavailable(f"{address.shown}: more than {_MAX_REDIRECTS} redirects")

    def _request(self, address: Address, headers: Mapping[str, str]) -> _Response:
        from urllib3.exceptions import HTTPError, LocationParseError, SSLError

        own = {"Accept-Encoding": "identity", **headers, **self._settings.headers_for(address)}
        try:
            return self._pools.for_address(address).request(
                "GET", address.url, headers=own, redirect=False, retries=False, preload_content=False,
                timeout=self._pools.timeout,
            )  # fmt: skip
        except (LocationParseError, UnicodeError, ValueError) as error:
            raise Invalid(f"{address.shown}: not an address that can be read") from error
        except SSLError as error:
            raise Unavailable(f"{address.shown}: {_reason(error)}") from error
        except (HTTPError, OSError) as error:
            raise _Retry(_reason(error)) from error

    def _wait_turn(self, host: str) -> None:
        gap = self._settings.pace.get(host, 0.0)
        if not gap:
            return
        with self._pace.lock:
            at = max(self._clock(), self._pace.next_at.get(host, 0.0))
            self._pace.next_at[host] = at + gap
        wait = at - self._clock()
        if wait > 0:
            self._sleep(wait)

    def _check_status(self, response: _Response, address: Address) -> None:
        status, headers = response.status, response.headers
        if status in {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT}:
            return
        limited = status == HTTPStatus.FORBIDDEN and (
            "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"
        )
        if status in _TRANSIENT or limited:
            raise _Retry(f"the publisher answers {status}", _retry_after(headers))
        if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
            raise NotFound(f"{address.shown}: the publisher answers {status}")
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED}:
            raise Denied(f"{address.shown}: the publisher answers {status}")
        raise Unavailable(f"{address.shown}: the publisher answers {status}")

    def _store(self, response: _Response, part: PartFile, limit: int, deadline: float, address: Address) -> None:
        """Append or write the body to the part file; a broken one stays there to be continued."""
        coded = response.headers.get("content-encoding", "identity").lower() != "identity"
        length = _number(response.headers.get("content-length"))
        start = part.begin(response.status, response.headers, resumable=not coded)
        if length is not None and start + length > limit:
            part.discard()
            raise LimitExceeded(f"{address.shown}: {start + length} bytes announced, the limit is {limit}")
        total = start
        with part.open() as file:
            for chunk in self._chunks(response, deadline):
                total += len(chunk)
                if total > limit:
                    file.close()
                    part.discard()
                    raise LimitExceeded(f"{address.shown}: more than {limit} bytes")
                _write(file, chunk, part)
        if not coded and length is not None and total != start + length:
            raise _Retry(f"the download broke off after {total} of {start + length} bytes")

    def _chunks(self, response: _Response, deadline: float) -> Iterator[bytes]:
        from urllib3.exceptions import HTTPError

        try:
            while chunk := response.read1(_CHUNK, decode_content=True):
                yield chunk
                if self._clock() > deadline:
                    raise _Retry("the download takes too long")
        except (HTTPError, OSError) as error:
            raise _Retry(f"the download broke off ({_reason(error)})") from error


def _write(file: BinaryIO, chunk: bytes, part: PartFile) -> None:
    try:
        file.write(chunk)
    except OSError as error:
        raise Unavailable(f"{part.path}: cannot be written ({error.strerror})") from error


def _conditions(validators: Mapping[str, str]) -> dict[str, str]:
    names = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
    return {names[key]: value for key, value in validators.items() if key in names and value}


def _validators(headers: Mapping[str, str], address: Address) -> dict[str, str]:
    found = {key: headers[key] for key in ("etag", "last-modified") if headers.get(key)}
    for link in headers.get("link", "").split(","):
        target, _, rest = link.partition(";")
        if 'rel="next"' in rest:
            found["next"] = urljoin(address.url, target.strip().strip("<>"))
    return found


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from Retry-After (a number or a date) or from GitHub's x-ratelimit-reset (seconds since 1970)."""
    text = headers.get("retry-after", "").strip()
    now = datetime.now(UTC)
    if text.isdecimal() and text.isascii():
        return float(text[:9])
    if text:
        try:
            return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
        except (ValueError, TypeError, OverflowError):
            return None
    reset = _number(headers.get("x-ratelimit-reset"))
    return None if reset is None else max(0.0, reset - now.timestamp())


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None


def _reason(error: Exception) -> str:
    """What went wrong in words, without addresses (they may hold credentials)."""
    from urllib3 import exceptions as urllib3

    words: tuple[tuple[type[Exception], str], ...] = (
        (urllib3.NameResolutionError, "the host's name cannot be resolved"),
        (urllib3.NewConnectionError, "the connection is refused"),
        (urllib3.ConnectTimeoutError, "no connection in time"),
        (urllib3.ReadTimeoutError, "no answer in time"),
        (urllib3.ProxyError, "the proxy refuses the connection"),
        (urllib3.SSLError, "the certificate or the TLS connection is not valid"),
        (urllib3.IncompleteRead, "fewer bytes than announced"),
        (urllib3.DecodeError, "the body cannot be decompressed"),
        (urllib3.ProtocolError, "the connection was closed"),
    )
    return next((text for kind, text in words if isinstance(error, kind)), type(error).__name__)
