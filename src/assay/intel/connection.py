"""Which connection an address is read through: credentials, proxy, certificates, time limits."""

import ssl
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

from assay.errors import Invalid

if TYPE_CHECKING:
    from urllib3 import PoolManager, Timeout

_AGENT = "assay (+https://pypi.org/project/assay/)"


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """A URL taken apart: ``url`` is without credentials, ``shown`` also without query and fit for messages."""

    url: str
    shown: str
    scheme: str
    host: str
    path: str
    credentials: str = ""

    def __repr__(self) -> str:
        return f"Address({self.shown!r})"


def address_of(url: str) -> Address:
    """Take a URL apart. Raises Invalid for anything but http and https with a host."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Invalid("an address that cannot be read: its host or port is malformed") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise Invalid(f"an address that cannot be read: {parts.scheme or '(no scheme)'}://{host} (http or https only)")
    bare = f"[{host}]" if ":" in host else host
    netloc = bare if port is None else f"{bare}:{port}"
    clean = SplitResult(parts.scheme, netloc, parts.path or "/", parts.query, "")
    return Address(
        url=clean.geturl(),
        shown=clean._replace(query="").geturl() + ("?..." if parts.query else ""),
        scheme=parts.scheme,
        host=host,
        path=parts.path,
        credentials=_user_and_password(parts),
    )


def _user_and_password(parts: SplitResult) -> str:
    if parts.username is None:
        return ""
    return f"{unquote(parts.username)}:{unquote(parts.password or '')}"


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """How to talk to publishers.

    Times are seconds. ``total_timeout`` bounds one download with all its attempts, ``longest_wait`` a single pause,
    also one the publisher asks for. ``proxies`` maps ``http`` and ``https`` to a proxy's address, ``no_proxy`` is the
    usual comma separated list. ``ca_bundle`` is a PEM file used instead of the system's certificates.
    ``credentials`` maps a host to ``user:password`` and ``headers`` a host to further headers (API keys).
    ``pace`` is the least time between two requests to a host. The National Vulnerability Database asks for
    6 seconds (https://nvd.nist.gov/developers/start-here).
    """

    connect_timeout: float = 15.0
    read_timeout: float = 60.0
    total_timeout: float = 3600.0
    retries: int = 5
    backoff: float = 1.0
    longest_wait: float = 120.0
    proxies: Mapping[str, str] = field(default_factory=dict, repr=False)
    no_proxy: str = ""
    ca_bundle: Path | None = None
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    pace: Mapping[str, float] = field(default_factory=lambda: {"services.nvd.nist.gov": 6.0})
    user_agent: str = _AGENT

    @staticmethod
    def from_environment(environ: Mapping[str, str]) -> "HttpSettings":
        """Settings from HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY (lower case first), ASSAY_CA_BUNDLE or
        SSL_CERT_FILE, ASSAY_NVD_API_KEY and ASSAY_GITHUB_TOKEN (or GITHUB_TOKEN).
        """
        proxies = {}
        for scheme in ("http", "https"):
            address = _either(environ, f"{scheme}_proxy") or _either(environ, "all_proxy")
            if address:
                proxies[scheme] = address
        bundle = environ.get("ASSAY_CA_BUNDLE") or environ.get("SSL_CERT_FILE")
        nvd = environ.get("ASSAY_NVD_API_KEY", "")
        github = environ.get("ASSAY_GITHUB_TOKEN") or environ.get("GITHUB_TOKEN", "")
        headers: dict[str, Mapping[str, str]] = {}
        if nvd:
            headers["services.nvd.nist.gov"] = {"apiKey": nvd}
        if github:
            headers["api.github.com"] = {"Authorization": f"Bearer {github}"}
        return HttpSettings(
            proxies=proxies,
            no_proxy=_either(environ, "no_proxy"),
            ca_bundle=Path(bundle) if bundle else None,
            headers=headers,
            pace={"services.nvd.nist.gov": 0.6 if nvd else 6.0},
        )

    def headers_for(self, address: Address) -> dict[str, str]:
        """The headers that this host, and no other, is to get."""
        headers = {"User-Agent": self.user_agent, **self.headers.get(address.host, {})}
        credentials = address.credentials or self.credentials.get(address.host, "")
        if credentials:
            headers["Authorization"] = _basic(credentials)
        return headers


def _basic(credentials: str) -> str:
    return "Basic " + b64encode(credentials.encode()).decode("ascii")


def _either(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name) or environ.get(name.upper(), "")


def _bypasses(host: str, no_proxy: str) -> bool:
    """Whether the NO_PROXY list names the host: ``*``, a domain with all below it, an IP address or a network."""
    for entry in no_proxy.split(","):
        name = entry.strip().lower().lstrip(".")
        if name and (name in {"*", host} or host.endswith("." + name) or _in_network(host, name)):
            return True
    return False


def _in_network(host: str, network: str) -> bool:
    try:
        return ip_address(host) in ip_network(network, strict=False)
    except ValueError:
        return False


class Pools:
    """The connection pools, one for direct connections and one for each proxy; made when first needed."""

    def __init__(self, settings: HttpSettings) -> None:
        self._settings = settings
        self._pools: dict[str, PoolManager] = {}

    @property
    def timeout(self) -> "Timeout":
        """The time limits of one request."""
        from urllib3 import Timeout

        return Timeout(connect=self._settings.connect_timeout, read=self._settings.read_timeout)

    def for_address(self, address: Address) -> "PoolManager":
        """The pool that reaches an address. Raises Invalid for a proxy or certificate file that cannot be used."""
        proxy = self._proxy_for(address)
        if proxy not in self._pools:
            self._pools[proxy] = self._open(proxy)
        return self._pools[proxy]

    def _proxy_for(self, address: Address) -> str:
        proxy = self._settings.proxies.get(address.scheme, "")
        if not proxy:
            return ""
        return "" if _bypasses(address.host, self._settings.no_proxy) else proxy

    def _open(self, proxy: str) -> "PoolManager":
        from urllib3 import PoolManager, ProxyManager

        context = self._context()
        if not proxy:
            return PoolManager(ssl_context=context, maxsize=4)
        try:
            address = address_of(proxy if "://" in proxy else f"http://{proxy}")
        except Invalid:
            raise Invalid(
                "the proxy's address cannot be used: it must be http://HOST:PORT or https://HOST:PORT"
            ) from None
        headers = {"Proxy-Authorization": _basic(address.credentials)} if address.credentials else None
        return ProxyManager(address.url, proxy_headers=headers, ssl_context=context, maxsize=4)

    def _context(self) -> ssl.SSLContext:
        bundle = self._settings.ca_bundle
        try:
            return ssl.create_default_context(cafile=str(bundle) if bundle else None)
        except (OSError, ssl.SSLError) as error:
            raise Invalid(f"{bundle}: not a file of certificates") from error
