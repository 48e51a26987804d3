"""Images straight from a registry, by the distribution API; layers are streamed, never stored.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from assay.collect.credentials import Credentials, find_credentials
from assay.collect.digest import RunningDigest, check_bytes, is_digest
from assay.collect.image import Image
from assay.collect.manifest import Descriptor
from assay.collect.reference import DOCKER_HUB, Reference, parse_reference
from assay.collect.registryauth import Authorizer
from assay.collect.registryhttp import Answer, Patience, Transport, is_loopback
from assay.collect.resolve import INDEX_TYPES, MANIFEST_TYPES, Wish, load_image
from assay.collect.stream import Source
from assay.errors import AssayError, Denied, NotFound, Unavailable, Unreadable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

_ACCEPT = ", ".join(sorted(MANIFEST_TYPES | INDEX_TYPES))
_API_HOSTS = {DOCKER_HUB: "registry-1.docker.io"}
_PIECE = 128 << 10


@contextmanager
def open_registry_image(
    name: str,
    wish: Wish,
    *,
    plain_http: bool = False,
    credentials: Credentials | None = None,
    patience: Patience | None = None,
) -> Iterator[Image]:
    """The image called ``name``. ``plain_http`` allows http and certificates nobody signed, which otherwise only
    loopback may have; ``credentials`` None looks for what ``docker login`` stored.

    Raises ``NotFound``, ``Denied``, ``Unavailable``, ``Invalid`` or ``Unreadable``.
    """
    reference = parse_reference(name)
    transport = Transport(patience or Patience(), plain=plain_http)
    blobs = RegistryBlobs(reference, credentials or find_credentials(reference), transport)
    data, digest = blobs.top(wish.limits.metadata_bytes)
    tags = (f"{reference.name}:{reference.tag}",) if reference.tag else ()
    try:
        yield replace(load_image(str(reference), data, digest, blobs, wish), tags=tags)
    finally:
        transport.close()


class RegistryBlobs:
    """The content of one repository."""

    self_checking = True

    def __init__(self, reference: Reference, credentials: Credentials, transport: Transport) -> None:
        self._reference = reference
        self._name = reference.name
        self._transport = transport
        scope = f"repository:{reference.repository}:pull"
        self._authorizer = Authorizer(transport, self._name, scope, credentials)
        self._base = ""

    def has(self, _descriptor: Descriptor, /) -> bool:
        return True

    def top(self, limit: int) -> tuple[bytes, str]:
        """What the reference names, with its digest."""
        version = self._reference.version
        data, stated = self._manifest(version, limit)
        digest = self._reference.digest or (stated if is_digest(stated) else "")
        place = f"{self._reference}: manifest"
        if digest:
            check_bytes(data, digest, place)
            return data, digest
        return data, "sha256:" + hashlib.sha256(data).hexdigest()

    def manifest(self, descriptor: Descriptor, limit: int, /) -> bytes:
        return self._manifest(descriptor.digest, limit)[0]

    def blob(self, descriptor: Descriptor, limit: int, /) -> bytes:
        with self.fetch(f"blobs/{descriptor.digest}", {}) as answer:
            return answer.body(limit)

    def source(self, descriptor: Descriptor, /) -> Callable[[], Source]:
        return lambda: BlobStream(self, descriptor, self._transport.patience)

    def _manifest(self, version: str, limit: int) -> tuple[bytes, str]:
        with self.fetch(f"manifests/{version}", {"Accept": _ACCEPT}) as answer:
            return answer.body(limit), answer.headers.get("Docker-Content-Digest", "")

    def fetch(self, path: str, headers: Mapping[str, str]) -> Answer:
        """A successful answer of the repository's API, after logging in where the registry itself asks for it."""
        base = self._base_url()
        url = f"{base}/v2/{self._reference.repository}/{path}"
        for attempt in range(3):
            sent = dict(headers)
            if value := self._authorizer.value():
                sent["Authorization"] = value
            answer = self._transport.follow(url, sent, place=self._name)
            if answer.status in {200, 206}:
                return answer
            with answer:
                if answer.status == 401 and attempt < 2 and not answer.elsewhere:
                    self._authorizer.answer(answer.headers.get("WWW-Authenticate", ""), base)
                    continue
                raise _refusal(answer.status, f"{self._name}: {path}")
        raise Denied(f"{self._name}: {path}: the registry refuses the access it gave")

    def _base_url(self) -> str:
        """Scheme and host. A loopback registry, or any with ``plain``, may turn out to speak http only."""
        if not self._base:
            host = _API_HOSTS.get(self._reference.registry, self._reference.registry)
            may_be_plain = self._transport.plain or is_loopback(urlsplit(f"//{host}").hostname or "")
            # A server that wants TLS answers 400 to anything else.
            plain = may_be_plain and self._transport.probe(f"http://{host}/v2/", self._name) not in {None, 400}
            self._base = f"http{'' if plain else 's'}://{host}"
        return self._base


def _refusal(status: int, place: str) -> AssayError:
    if status in {401, 403}:
        return Denied(f"{place}: the registry refuses access (status {status})")
    if status == 404:
        return NotFound(f"{place}: the registry does not have it")
    return Unavailable(f"{place}: the registry answered status {status}")


class BlobStream(Source):
    """A layer as it comes. A broken connection is taken up again where it broke; the digest decides at the end."""

    def __init__(self, blobs: RegistryBlobs, descriptor: Descriptor, attempts: Patience) -> None:
        super().__init__()
        self._blobs = blobs
        self._descriptor = descriptor
        self._patience = attempts
        self._place = f"layer {descriptor.digest}"
        self._digest = RunningDigest(descriptor.digest, self._place)
        self._answer: Answer | None = None
        self._failures = 0
        self._ended = False

    def readinto(self, buffer: "Buffer", /) -> int:
        view = memoryview(buffer)[:_PIECE]
        if self._ended or not view:
            return 0
        data = self._read(len(view))
        if data:
            view[: len(data)] = data
            self._digest.update(data)
            self.consumed += len(data)
            if self.consumed > self._descriptor.size:
                raise Unreadable(f"{self._place}: more than the {self._descriptor.size} bytes that the manifest states")
            self._failures = 0
            return len(data)
        self._ended = True
        self._digest.check()
        return 0

    def _read(self, count: int) -> bytes:
        """The next bytes, with patience; b"" only when all that the manifest states have come."""
        while True:
            try:
                return self._attempt(count)
            except Unavailable:
                self._failures += 1
                self._drop()
                if self._failures >= self._patience.attempts:
                    raise
                self._patience.sleep(min(self._patience.longest, self._patience.pause * 2**self._failures))

    def _attempt(self, count: int) -> bytes:
        if self._answer is None:
            self._answer = self._open()
        data = self._answer.read(count)
        if not data and self.consumed < self._descriptor.size:
            raise Unavailable(f"{self._place}: ends after {self.consumed} of {self._descriptor.size} bytes")
        return data

    def _open(self) -> Answer:
        headers = {"Range": f"bytes={self.consumed}-"} if self.consumed else {}
        answer = self._blobs.fetch(f"blobs/{self._descriptor.digest}", headers)
        if not self.consumed:
            return answer
        if answer.status == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {self.consumed}-"):
            return answer
        # The server starts again from the front; what was already read is passed over (the digest covers a change).
        left = self.consumed
        while left:
            data = answer.read(min(left, _PIECE))
            if not data:
                answer.close()
                raise Unavailable(f"{self._place}: ends earlier than before")
            left -= len(data)
        return answer

    def _drop(self) -> None:
        if self._answer is not None:
            self._answer.close()
            self._answer = None

    def close(self) -> None:
        self._drop()
        super().close()
