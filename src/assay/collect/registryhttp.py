"""HTTP as registries need it: bounded bodies, patience with overload, redirects only where they are allowed."""

import ipaddress
import os
import random
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urljoin, urlsplit

from assay.errors import Denied, LimitExceeded, Unavailable

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

_TRY_LATER = frozenset({408, 429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to bear with a registry: ``attempts`` for each request, ``pause`` seconds after the first failure
    (doubled each time), at most ``longest`` seconds between two attempts, ``timeout`` without a byte.
    """

    attempts: int = 5
    pause: float = 0.5
    longest: float = 60.0
    timeout: float = 30.0
    sleep: Callable[[float], None] = field(default=time.sleep)


def is_loopback(host: str) -> bool:
    """Whether a host name is this machine by its form (names are not looked up)."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Answer:
    """A response whose body has not been read yet. ``elsewhere``: a redirect led away from the host that was asked."""

    def __init__(self, response: "BaseHTTPResponse", place: str) -> None:
        self.elsewhere = False
        self._response = response
        self._place = place
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers

    def __enter__(self) -> "Answer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read(self, count: int) -> bytes:
        """Up to ``count`` bytes, b"" at the end. Raises ``Unavailable`` when the connection breaks."""
        from urllib3.exceptions import HTTPError

        try:
            return self._response.read(count, decode_content=False)
        except (HTTPError, OSError) as error:
            raise Unavailable(f"{self._place}: the connection broke: {error}") from error

    def body(self, limit: int) -> bytes:
        """The whole body. Raises ``LimitExceeded`` when it is longer than ``limit`` bytes."""
        pieces = bytearray()
        while piece := self.read(64 << 10):
            pieces += piece
            if len(pieces) > limit:
                raise LimitExceeded(f"{self._place}: the answer is longer than {limit} bytes")
        return bytes(pieces)

    def close(self) -> None:
        """Drop the connection unless the body was read to its end."""
        self._response.close()
        self._response.release_conn()


class Transport:
    """Requests to a registry and the hosts it names. ``plain`` allows http and certificates nobody signed.

    Survives a fork: each process opens connections of its own.
    """

    def __init__(self, patience: Patience, *, plain: bool = False) -> None:
        self.patience = patience
        self.plain = plain
        self._pools: dict[str, PoolManager] = {}
        self._process = os.getpid()

    def request(
        self,
        method: str,
        url: str,
        *,
        place: str,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Answer:
        """One answer that is not "try later". Raises ``Unavailable`` when there is none after all attempts."""
        self._refuse_plain(url, place)
        wanted, number = self.patience.attempts, 0
        while True:
            number += 1
            try:
                answer = self._send(method, url, dict(headers or {}), form, place)
            except Unavailable:
                if number >= wanted:
                    raise
                self.patience.sleep(self._pause(number, ""))
                continue
            if answer.status not in _TRY_LATER:
                return answer
            answer.close()
            if number >= wanted:
                raise Unavailable(f"{place}: status {answer.status} after {number} attempts")
            self.patience.sleep(self._pause(number, answer.headers.get("Retry-After", "")))

    def follow(self, url: str, headers: Mapping[str, str], *, place: str) -> Answer:
        """Like GET, following redirects; the Authorization header stays with the host it is for."""
        sent, start = dict(headers), _origin(split_url(url, place))
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self.request("GET", url, headers=sent, place=place)
            if answer.status not in _REDIRECTS:
                answer.elsewhere = _origin(split_url(url, place)) != start
                return answer
            answer.close()
            target = _joined(url, answer.headers.get("Location", ""), place)
            if _origin(split_url(target, place)) != start:
                sent.pop("Authorization", None)
            refuse_detour(url, target, place)
            url = target
        raise Unavailable(f"{place}: more than {_MOST_REDIRECTS} redirects")

    def _refuse_plain(self, url: str, place: str) -> None:
        parts = split_url(url, place)
        if parts.scheme == "https" or (parts.scheme == "http" and (self.plain or is_loopback(parts.hostname or ""))):
            return
        raise Denied(f"{place}: {parts.scheme}://{parts.hostname} is not encrypted; allow that explicitly to use it")

    def close(self) -> None:
        """Close the connections of this process."""
        for pool in self._pools.values():
            pool.clear()

    def probe(self, url: str, place: str) -> int | None:
        """The status of one unadorned GET, None when nothing answers."""
        try:
            with self._send("GET", url, {}, None, place) as answer:
                return answer.status
        except Unavailable:
            return None

    def _pause(self, number: int, retry_after: str) -> float:
        patience = self.patience
        pause = patience.pause * (1 << number >> 1) * random.uniform(0.75, 1.25)  # noqa: S311  # only spreads the load
        return min(patience.longest, max(pause, _seconds(retry_after)))

    def _send(
        self, method: str, url: str, headers: dict[str, str], form: Mapping[str, str] | None, place: str
    ) -> Answer:
        from urllib3.exceptions import HTTPError, LocationParseError

        headers.setdefault("User-Agent", "assay")
        try:
            if form is not None:
                response = self._pool(url).request(
                    method,
                    url,
                    fields=dict(form),
                    headers=headers,
                    encode_multipart=False,
                    redirect=False,
                    retries=False,
                    preload_content=False,
                )
            else:
                response = self._pool(url).request(
                    method, url, headers=headers, redirect=False, retries=False, preload_content=False
                )
        except LocationParseError as error:
            raise Denied(f"{place}: {url[:200]!r} is not an address") from error
        except (HTTPError, OSError) as error:
            raise Unavailable(f"{place}: {urlsplit(url).netloc} cannot be reached: {error}") from error
        return Answer(response, place)

    def _pool(self, url: str) -> "PoolManager":
        from urllib3 import PoolManager, ProxyManager, Timeout

        if self._process != os.getpid():
            self._pools, self._process = {}, os.getpid()
        proxy = _proxy(url)
        if proxy not in self._pools:
            timeout = Timeout(connect=min(self.patience.timeout, 15.0), read=self.patience.timeout)
            checks = "CERT_NONE" if self.plain else "CERT_REQUIRED"
            self._pools[proxy] = (
                ProxyManager(proxy, timeout=timeout, cert_reqs=checks)
                if proxy
                else PoolManager(timeout=timeout, cert_reqs=checks)
            )
        return self._pools[proxy]


def refuse_detour(url: str, target: str, place: str) -> None:
    """Raise ``Denied`` where a server's answer leads from it to this machine, or out of encryption."""
    here, there = split_url(url, place), split_url(target, place)
    if is_loopback(there.hostname or "") and not is_loopback(here.hostname or ""):
        raise Denied(f"{place}: {here.hostname} leads to this machine ({there.netloc}), which is not followed")
    if here.scheme == "https" and there.scheme != "https":
        raise Denied(f"{place}: {here.hostname} leads to {there.scheme}://{there.netloc}, which is not encrypted")


def _proxy(url: str) -> str:
    """The proxy that the environment names for an address, "" for none."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback(host) or urllib.request.proxy_bypass(host):
        return ""
    return urllib.request.getproxies().get(parts.scheme, "")


def _joined(url: str, location: str, place: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise Denied(f"{place}: a redirect to {location[:200]!r} is not followed") from error


def split_url(url: str, place: str) -> SplitResult:
    """The parts of an address with a host; raises ``Denied`` for anything else."""
    try:
        parts = urlsplit(url)
        if parts.hostname and parts.port != 0:
            return parts
    except ValueError:
        pass
    raise Denied(f"{place}: {url[:200]!r} is not an address that can be asked")


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port


def _seconds(retry_after: str) -> float:
    """A ``Retry-After`` value, seconds or a date, as seconds from now; 0 when there is none."""
    text = retry_after.strip()[:64]
    if text.isdecimal():
        return float(text[:9])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return 0.0
