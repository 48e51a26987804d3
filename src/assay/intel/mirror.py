"""A folder, or a web server, that holds publishers' files: what an air-gapped site reads instead of the internet.

Layout: every address is looked up as ``<host>/<path>`` below the mirror (a query is kept, as ``<path>?<query>``),
and, when a feed has a shorter place of its own, as that: ``kev/known_exploited_vulnerabilities.json``,
``osv/PyPI/all.zip``. The shorter places are the rows of ``PLACES``.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from glob import escape
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from assay.errors import Invalid, LimitExceeded, NotFound, Unavailable
from assay.intel.feed import Transport


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mirror laid out by feed keeps what a publisher has at ``url``.

    A ``url`` that ends with ``/`` stands for everything below it, and ``path`` then ends with ``/`` too, or with a
    pattern for the names in one folder (``exploits/*.csv``). Otherwise a ``path`` with ``*`` takes the last match by
    name, so that the newest of several dated files is read.
    """

    url: str
    path: str


PLACES: tuple[Place, ...] = (
    Place("https://osv-vulnerabilities.storage.googleapis.com/", "osv/"),
    Place(
        "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
        "kev/known_exploited_vulnerabilities.json",
    ),
    Place("https://epss.empiricalsecurity.com/epss_scores-current.csv.gz", "epss/epss_scores-current.csv.gz"),
    Place("https://epss.empiricalsecurity.com/epss_scores-current.csv.gz", "epss/epss_scores-*.csv.gz"),
    Place("https://github.com/CVEProject/cvelistV5/archive/refs/heads/main.zip", "cve/cvelistV5.zip"),
    Place("https://github.com/CVEProject/cvelistV5/archive/refs/heads/main.zip", "cve/cve_records_v5.jsonl.xz"),
    Place("https://services.nvd.nist.gov/rest/json/cves/2.0/", "nvd/"),
    Place("https://services.nvd.nist.gov/rest/json/cves/2.0/", "cve/nvd_api_2.0_page*.json"),
    Place("https://gitlab.com/exploit-database/exploitdb/-/raw/main/files_exploits.csv", "exploits/files_exploits.csv"),
    Place(
        "https://gitlab.com/exploit-database/exploitdb/-/raw/main/files_exploits.csv", "exploits/exploitdb_cve_map.csv"
    ),
    Place("https://github.com/trickest/cve/archive/refs/heads/main.zip", "exploits/trickest-cve.zip"),
    Place("https://github.com/trickest/cve/archive/refs/heads/main.zip", "exploits/poc_references.jsonl*"),
    Place("https://endoflife.date/api/v1/products/", "lifecycle/"),
    Place("https://vulnerability.circl.lu/api/sighting/", "attention/"),
    Place("https://api.github.com/advisories/", "github/"),
    Place("https://security-tracker.debian.org/tracker/data/json", "debian/tracker.json"),
    Place("https://secdb.alpinelinux.org/", "alpine-secdb/"),
    Place("https://cdn.amazonlinux.com/updateinfo/", "amazon/"),
    Place("https://security.access.redhat.com/data/csaf/v2/", "redhat/"),
    Place("https://linux.oracle.com/security/oval/", "oracle/"),
    Place("https://ftp.suse.com/pub/projects/security/oval/", "suse/"),
    Place("https://raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main/", "azurelinux/"),
    Place("https://packages.vmware.com/photon/photon_cve_metadata/", "photon/"),
    Place("https://security.archlinux.org/all.json", "arch/all.json"),
    Place("https://bodhi.fedoraproject.org/updates/", "fedora/"),
    Place("https://security-metadata.canonical.com/vex/", "ubuntu/"),
    Place("https://security-metadata.canonical.com/vex/", "ubuntu-cve-tracker/*.zip"),
)


def places_of(url: str, places: Sequence[Place] = PLACES) -> list[str]:
    """The relative paths at which a mirror may hold a URL, best first. Raises Invalid for a path with ``..``."""
    parts = urlsplit(url)
    path = unquote(parts.path).lstrip("/") + (f"?{parts.query}" if parts.query else "")
    if ".." in path.split("/") or "\0" in path:
        raise Invalid(f"{url!r}: an address with '..' has no place in a mirror")
    found = [f"{parts.hostname or ''}/{path}"]
    for place in places:
        if place.url == url and not url.endswith("/"):
            found.append(place.path)
        elif place.url.endswith("/") and url.startswith(place.url):
            prefix = unquote(urlsplit(place.url).path).lstrip("/")
            folder, _, pattern = place.path.rpartition("/")
            name = path.removeprefix(prefix)
            if not pattern or fnmatchcase(name, pattern):
                found.append(f"{folder}/{name}")
    return found


class FolderMirror:
    """``Transport`` that reads a local folder."""

    def __init__(self, root: Path, places: Sequence[Place] = PLACES) -> None:
        if not root.is_dir():
            raise NotFound(f"{root}: the mirror is not a folder")
        self._root = root
        self._places = places

    def get(self, url: str, into: Path, /, *, validators: Mapping[str, str], limit: int) -> Mapping[str, str] | None:
        """Copy the file that stands for ``url``; None when path, size and time are those of ``validators``."""
        found = self._find(url)
        if found is None:
            raise NotFound(f"{url}: not in the mirror {self._root}")
        try:
            state = found.stat()
            mark = f"{found.relative_to(self._root)} {state.st_size} {state.st_mtime_ns}"
            if validators.get("mirror") == mark:
                return None
            if state.st_size > limit:
                raise LimitExceeded(f"{found}: {state.st_size} bytes, the limit is {limit}")
            part = into.with_name(into.name + ".part")
            into.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(found, part)
            part.replace(into)
        except OSError as error:
            raise Unavailable(f"{found}: cannot be copied ({error.strerror})") from error
        return {"mirror": mark}

    def listing(self, url: str) -> list[str]:
        """The addresses of all files below ``url`` (which ends with ``/``) that the mirror holds, sorted."""
        own = places_of(url, ())[0]
        patterns = [escape(own) + "**/*", *(_pattern(place.path) for place in self._places if place.url == url)]
        found: set[str] = set()
        for pattern in patterns:
            folder = self._root / pattern.partition("*")[0].rpartition("/")[0]
            files = (path for path in self._root.glob(pattern) if path.is_file())
            found.update(url + quote(str(path.relative_to(folder)), safe="/?=&+:,~") for path in files)
        return sorted(found)

    def _find(self, url: str) -> Path | None:
        for relative in places_of(url, self._places):
            if "*" in relative and "?" not in relative:
                matches = sorted(self._root.glob(relative))
                if matches:
                    return matches[-1]
            elif (self._root / relative).is_file():
                return self._root / relative
        return None


def _pattern(path: str) -> str:
    return path + "**/*" if path.endswith("/") else path


class WebMirror:
    """``Transport`` that reads a web server with a mirror's layout."""

    def __init__(self, base: str, transport: Transport, places: Sequence[Place] = PLACES) -> None:
        self._base = base.rstrip("/") + "/"
        self._transport = transport
        self._places = places

    def get(self, url: str, into: Path, /, *, validators: Mapping[str, str], limit: int) -> Mapping[str, str] | None:
        """Like ``HttpTransport.get``, from the first of the places that the server has."""
        for address in self._addresses(url):
            try:
                return self._transport.get(address, into, validators=validators, limit=limit)
            except NotFound:
                continue
        raise NotFound(f"{url}: not in the mirror")

    def _addresses(self, url: str) -> Iterator[str]:
        for relative in places_of(url, self._places):
            if "*" not in relative:
                yield self._base + quote(relative, safe="/?=&+:,~")


def open_mirror(place: str, transport: Transport) -> Transport:
    """The transport for ``--mirror``: a folder's path (also as ``file:``) or an http or https address."""
    if place.startswith(("http://", "https://")):
        return WebMirror(place, transport)
    return FolderMirror(Path(unquote(place.removeprefix("file://"))) if place.startswith("file:") else Path(place))
