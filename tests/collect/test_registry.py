"""Images come from a registry: Debian's own on loopback, and one that misbehaves in every way it can."""

import gzip
import json
import os
import random
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from assay.collect.credentials import Credentials
from assay.collect.image import Image, Layer
from assay.collect.limits import Limits
from assay.collect.parallel import can_fork, map_layers
from assay.collect.platform import parse_platform
from assay.collect.registry import open_registry_image
from assay.collect.registryhttp import Patience
from assay.collect.resolve import Wish
from assay.errors import Denied, Invalid, LimitExceeded, NotFound, Unavailable, Unreadable
from assay.model.tree import Kind

NOISE = random.Random(9).randbytes(900_000)
HTPASSWD = "ali:$2b$04$.E31Q4XudaKhVjkkMpyl2.HD2vZPbnutieex3hVmtaoepKFetNY/6\n"
PASSWORD = "open sesame"
NOBODY = Credentials(username="")
pytestmark = pytest.mark.usefixtures("_no_stored_credentials")


@pytest.fixture
def _no_stored_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DOCKER_CONFIG", "HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    for name in ("REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)


def contents(image: Image) -> list[dict[str, bytes]]:
    found = []
    for layer in image.layers:
        with layer.open_tree() as tree:
            found.append({e.path: tree.open(e).read() for e in tree.entries() if e.kind is Kind.FILE})
            assert tree.complete
    return found


def quick(naps: list[float] | None = None) -> Patience:
    return Patience(attempts=3, pause=0.01, longest=7.0, timeout=3.0, sleep=(naps if naps is not None else []).append)


# Debian's docker-registry


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module", params=["open", "closed"])
def registry(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a registry and the Authorization it wants."""
    program = shutil.which("docker-registry")
    if program is None:
        pytest.skip("needs Debian's docker-registry")
    folder, port = tmp_path_factory.mktemp("registry"), free_port()
    (folder / "htpasswd").write_text(HTPASSWD)
    config = {
        "version": "0.1",
        "log": {"level": "error"},
        "storage": {"filesystem": {"rootdirectory": str(folder / "data")}},
        "http": {"addr": f"127.0.0.1:{port}"},
    }
    if request.param == "closed":
        config["auth"] = {"htpasswd": {"realm": "test", "path": str(folder / "htpasswd")}}
    (folder / "config.yml").write_text(json.dumps(config))
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([program, "serve", str(folder / "config.yml")], stdout=log, stderr=log)
    basic = "Basic " + b64encode(f"ali:{PASSWORD}".encode()).decode() if request.param == "closed" else ""
    for _ in range(100):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/v2/").close()
        except urllib.error.HTTPError as error:
            error.close()
            break
        except OSError:
            time.sleep(0.1)
        else:
            break
    yield f"127.0.0.1:{port}", basic
    server.terminate()
    server.wait()


def send(method: str, url: str, data: bytes, kind: str, basic: str) -> str:
    request = urllib.request.Request(url, data, {"Content-Type": kind, "Authorization": basic}, method=method)
    with urllib.request.urlopen(request) as answer:
        return answer.headers.get("Location") or ""


def push(registry: tuple[str, str], repository: str, tag: str, built: object, top: bytes = b"", kind: str = "") -> None:
    host, basic = registry
    manifest = built.blobs[built.manifest["digest"]]
    for digest, data in built.blobs.items():
        if data not in (manifest, top):
            place = send("POST", f"http://{host}/v2/{repository}/blobs/uploads/", b"", "text/plain", basic)
            send("PUT", f"{place}&digest={digest}", data, "application/octet-stream", basic)
    send(
        "PUT",
        f"http://{host}/v2/{repository}/manifests/{built.manifest['digest']}",
        manifest,
        built.manifest["mediaType"],
        basic,
    )
    send(
        "PUT",
        f"http://{host}/v2/{repository}/manifests/{tag}",
        top or manifest,
        kind or built.manifest["mediaType"],
        basic,
    )


def test_an_image_is_pulled_by_tag_and_by_digest(registry: tuple[str, str], image: Callable) -> None:
    built = image([{"a": NOISE}, {"b": b"2"}])
    push(registry, "team/app", "1.0", built)
    who = Credentials("ali", PASSWORD) if registry[1] else None
    for name in (f"{registry[0]}/team/app:1.0", f"{registry[0]}/team/app@{built.manifest['digest']}"):
        with open_registry_image(name, Wish(), credentials=who) as found:
            assert contents(found) == [{"a": NOISE}, {"b": b"2"}]
            assert found.digest == built.manifest["digest"]
            assert [layer.key for layer in found.layers] == built.layer_digests
    with pytest.raises(NotFound, match=r"manifests/2\.0: the registry does not have it"):
        open_registry_image(f"{registry[0]}/team/app:2.0", Wish(), credentials=who).__enter__()


def test_layers_are_pulled_by_several_processes(
    registry: tuple[str, str], image: Callable, roll: Callable[[int], None]
) -> None:
    built = image([{str(number): random.Random(number).randbytes(7_000_000)} for number in range(3)])
    push(registry, "large", "latest", built)

    workers = 2 if can_fork() else 1

    def work(layer: Layer) -> tuple[int, int]:
        roll(workers)
        with layer.open_tree() as tree:
            return os.getpid(), sum(len(tree.open(entry).read()) for entry in tree.entries())

    who = Credentials("ali", PASSWORD) if registry[1] else None
    with open_registry_image(f"{registry[0]}/large", Wish(), credentials=who) as found:
        results = map_layers(work, found.layers, 2)
    assert [size for _, size in results] == [7_000_000] * 3
    assert len({process for process, _ in results}) == workers


def test_a_platform_is_chosen_from_an_index(registry: tuple[str, str], image: Callable) -> None:
    who = Credentials("ali", PASSWORD) if registry[1] else None
    offers = {name: image([{"a": name.encode()}], platform=name) for name in ("linux/amd64", "linux/arm64/v8")}
    descriptors = []
    for name, built in offers.items():
        system, architecture, *variant = name.split("/")
        push(registry, "multi", "tmp", built)
        platform = {"os": system, "architecture": architecture} | ({"variant": variant[0]} if variant else {})
        descriptors.append({**built.manifest, "platform": platform})
    kind = "application/vnd.oci.image.index.v1+json"
    index = json.dumps({"schemaVersion": 2, "mediaType": kind, "manifests": descriptors}).encode()
    push(registry, "multi", "latest", offers["linux/amd64"], index, kind)
    for wish, expected in (("linux/arm64", b"linux/arm64/v8"), ("amd64", b"linux/amd64")):
        with open_registry_image(f"{registry[0]}/multi", Wish(parse_platform(wish)), credentials=who) as found:
            assert contents(found) == [{"a": expected}]


def test_credentials_are_taken_from_dockers_file(registry: tuple[str, str], image: Callable, tmp_path: Path) -> None:
    if not registry[1]:
        pytest.skip("for the registry that wants a password")
    push(registry, "secret", "latest", image([{"a": b"1"}]))
    name = f"{registry[0]}/secret"
    with pytest.raises(Denied, match="wants a user name and password; run docker login"):
        open_registry_image(name, Wish()).__enter__()
    with pytest.raises(Denied, match="refuses the user name and password"):
        open_registry_image(name, Wish(), credentials=Credentials("ali", "wrong")).__enter__()
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "config.json").write_text(json.dumps({"auths": {registry[0]: {"auth": registry[1][6:]}}}))
    with open_registry_image(name, Wish()) as found:
        assert contents(found) == [{"a": b"1"}]


# A registry that misbehaves


class Misbehaving(ThreadingHTTPServer):
    """Answers GET and POST from ``routes``: a function of the handler, by path without query."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.routes: dict[str, Callable[[Handler], None]] = {}
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.host = f"127.0.0.1:{self.server_address[1]}"

    def serve(self, built: object, name: str = "app", tag: str = "latest") -> None:
        for digest, data in built.blobs.items():
            self.routes[f"/v2/{name}/blobs/{digest}"] = gives(data)
            self.routes[f"/v2/{name}/manifests/{digest}"] = gives(data)
        self.routes[f"/v2/{name}/manifests/{tag}"] = gives(built.blobs[built.manifest["digest"]])

    def count(self, path: str) -> int:
        return sum(1 for seen, _ in self.seen if seen.partition("?")[0] == path)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Misbehaving

    def do_GET(self) -> None:
        self.server.seen.append((self.path, dict(self.headers)))
        self.server.routes.get(self.path.partition("?")[0], status(404))(self)

    do_POST = do_GET  # noqa: N815  # the name http.server looks for

    def log_message(self, *_: object) -> None:
        pass

    def answer(self, code: int, headers: dict[str, str], body: bytes = b"") -> None:
        self.send_response(code)
        for key, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)


def gives(data: bytes) -> Callable[[Handler], None]:
    return lambda handler: handler.answer(200, {}, data)


def status(code: int, **headers: str) -> Callable[[Handler], None]:
    return lambda handler: handler.answer(code, {key.replace("_", "-"): value for key, value in headers.items()})


def in_turn(*steps: Callable[[Handler], None]) -> Callable[[Handler], None]:
    left = list(steps)

    def answer(handler: Handler) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(handler)

    return answer


@pytest.fixture
def bad() -> Iterator[Misbehaving]:
    with Misbehaving() as server:
        server.routes["/v2/"] = status(200)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def other() -> Iterator[Misbehaving]:
    with Misbehaving() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def pull(server: Misbehaving, naps: list[float] | None = None, **options: object) -> list[dict[str, bytes]]:
    with open_registry_image(
        f"{server.host}/app", options.pop("wish", Wish()), patience=quick(naps), **options
    ) as found:
        return contents(found)


def cut_at(data: bytes, count: int) -> Callable[[Handler], None]:
    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data[:count])
        handler.close_connection = True

    return answer


def resumes(data: bytes, most: int = 1 << 30) -> Callable[[Handler], None]:
    def answer(handler: Handler) -> None:
        start = int(handler.headers["Range"].removeprefix("bytes=").rstrip("-"))
        handler.send_response(206)
        handler.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        handler.send_header("Content-Length", str(len(data) - start))
        handler.end_headers()
        handler.wfile.write(data[start : start + most])
        handler.close_connection = start + most < len(data)

    return answer


def test_a_broken_download_goes_on_where_it_broke(bad: Misbehaving, image: Callable) -> None:
    built = image([{"a": NOISE}])
    bad.serve(built)
    path = f"/v2/app/blobs/{built.layer_digests[0]}"
    data = built.blobs[built.layer_digests[0]]
    bad.routes[path] = in_turn(cut_at(data, 300_000), resumes(data, 200_000), resumes(data))
    assert pull(bad) == [{"a": NOISE}]
    ranges = [headers.get("Range") for seen, headers in bad.seen if seen == path]
    assert ranges == [None, "bytes=300000-", "bytes=500000-"]


def test_a_server_without_ranges_is_read_again_from_the_front(bad: Misbehaving, image: Callable) -> None:
    built = image([{"a": NOISE}])
    bad.serve(built)
    data = built.blobs[built.layer_digests[0]]
    bad.routes[f"/v2/app/blobs/{built.layer_digests[0]}"] = in_turn(
        cut_at(data, 300_000), cut_at(data, 100), gives(data)
    )
    assert pull(bad) == [{"a": NOISE}]


def test_a_download_that_never_gets_on_ends(bad: Misbehaving, image: Callable) -> None:
    built = image([{"a": NOISE}])
    bad.serve(built)
    path = f"/v2/app/blobs/{built.layer_digests[0]}"
    bad.routes[path] = cut_at(built.blobs[built.layer_digests[0]], 0)
    with pytest.raises(Unavailable, match="the connection broke"):
        pull(bad)
    assert bad.count(path) == 3


def test_layers_that_are_not_what_the_manifest_says(bad: Misbehaving, image: Callable) -> None:
    built = image([{"a": b"1"}])
    bad.serve(built)
    path = f"/v2/app/blobs/{built.layer_digests[0]}"
    data = built.blobs[built.layer_digests[0]]
    bad.routes[path] = gives(data[:-10] + bytes(10))
    with pytest.raises(Unreadable):
        pull(bad)
    other = gzip.compress(gzip.decompress(data), 9)
    bad.routes[path] = gives(other.ljust(len(data), b"\0")[: len(data)])
    with pytest.raises(Unreadable, match="the content's digest is"):
        pull(bad)
    bad.routes[path] = gives(data + b"more")
    with pytest.raises(Unreadable, match=f"more than the {len(data)} bytes that the manifest states"):
        pull(bad)
    bad.routes[path] = gives(data[:-10])
    with pytest.raises(Unavailable, match=f"of {len(data)} bytes"):
        pull(bad)


def test_manifests_that_are_not_what_their_digest_says(bad: Misbehaving, image: Callable) -> None:
    built = image([{"a": b"1"}])
    bad.serve(built)
    manifest = built.blobs[built.manifest["digest"]]
    bad.routes["/v2/app/manifests/latest"] = lambda h: h.answer(
        200, {"Docker-Content-Digest": built.manifest["digest"]}, manifest + b" "
    )
    with pytest.raises(Unreadable, match="the content's digest is"):
        pull(bad)
    bad.routes["/v2/app/manifests/latest"] = lambda h: h.answer(200, {"Docker-Content-Digest": "nonsense"}, manifest)
    assert pull(bad) == [{"a": b"1"}]
    bad.routes[f"/v2/app/blobs/{built.config_digest}"] = gives(b"{}")
    with pytest.raises(Unreadable, match="configuration"):
        pull(bad)


def test_an_endless_manifest_stops_at_the_limit(bad: Misbehaving) -> None:
    def endless(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
        except OSError:
            handler.close_connection = True

    bad.routes["/v2/app/manifests/latest"] = endless
    with pytest.raises(LimitExceeded, match="longer than 1000000 bytes"):
        pull(bad, wish=Wish(limits=Limits(metadata_bytes=1_000_000)))


def test_overload_is_waited_out_as_the_registry_wishes(bad: Misbehaving, image: Callable) -> None:
    built = image([{"a": b"1"}])
    bad.serve(built)
    path = "/v2/app/manifests/latest"
    bad.routes[path] = in_turn(status(429, Retry_After="5"), status(503), bad.routes[path])
    naps: list[float] = []
    assert pull(bad, naps) == [{"a": b"1"}]
    assert naps[0] == 5.0
    assert 0.0 < naps[1] < 0.1
    bad.routes[path] = status(429, Retry_After="99999")
    naps.clear()
    with pytest.raises(Unavailable, match="status 429 after 3 attempts"):
        pull(bad, naps)
    assert naps == [7.0, 7.0]
    bad.routes[path] = in_turn(
        status(429, Retry_After="Wed, 21 Oct 2099 07:28:00 GMT"), status(429, Retry_After="soon"), status(500)
    )
    naps.clear()
    with pytest.raises(Unavailable, match="status 500"):
        pull(bad, naps)
    assert naps[0] == 7.0
    assert naps[1] < 0.1


def test_redirects_are_followed_without_credentials(bad: Misbehaving, other: Misbehaving, image: Callable) -> None:
    built = image([{"a": b"1"}])
    bad.serve(built)
    other.serve(built, "cdn")
    layer = built.layer_digests[0]

    def wants_password(then: Callable[[Handler], None]) -> Callable[[Handler], None]:
        refused = status(401, WWW_Authenticate='Basic realm="x"')
        return lambda handler: (then if handler.headers["Authorization"] else refused)(handler)

    bad.routes = {path: wants_password(route) for path, route in bad.routes.items()}
    bad.routes[f"/v2/app/blobs/{layer}"] = wants_password(
        status(307, Location=f"http://{other.host}/v2/cdn/blobs/{layer}?sig=1")
    )
    assert pull(bad, credentials=Credentials("ali", PASSWORD)) == [{"a": b"1"}]
    assert [headers.get("Authorization") for _, headers in other.seen] == [None]
    assert any(headers.get("Authorization") for _, headers in bad.seen)


def test_redirects_that_lead_astray(bad: Misbehaving, other: Misbehaving, image: Callable) -> None:
    built = image([{"a": b"1"}])
    bad.serve(built)
    path = f"/v2/app/blobs/{built.layer_digests[0]}"
    bad.routes[path] = status(302, Location=f"http://{other.host}/loop")
    other.routes["/loop"] = status(302, Location=f"http://{bad.host}{path}")
    with pytest.raises(Unavailable, match="more than 5 redirects"):
        pull(bad)
    bad.routes[path] = status(302, Location="http://169.254.169.254/latest/meta-data")
    with pytest.raises(Denied, match=r"http://169\.254\.169\.254 is not encrypted"):
        pull(bad)
    for address in ("file:///etc/passwd", "ftp://127.0.0.1/x", "http://[::1", "http://127.0.0.1:99999/"):
        bad.routes[path] = status(302, Location=address)
        with pytest.raises(Denied):
            pull(bad)
    bad.routes[path] = status(302)
    with pytest.raises(Unavailable):
        pull(bad)
    other.routes["/login"] = status(401, WWW_Authenticate=f'Bearer realm="http://{other.host}/token"')
    bad.routes[path] = status(302, Location=f"http://{other.host}/login")
    with pytest.raises(Denied, match="refuses access"):
        pull(bad, credentials=Credentials("ali", PASSWORD))
    assert other.count("/token") == 0


def test_tokens_are_bought_kept_and_renewed(bad: Misbehaving, other: Misbehaving, image: Callable) -> None:
    built = image([{"a": b"1"}])
    bad.serve(built)
    sold: list[str] = []

    def sell(handler: Handler) -> None:
        sold.append(f"token{len(sold)}")
        handler.answer(200, {}, json.dumps({"access_token": sold[-1], "expires_in": 300}).encode())

    other.routes["/token"] = sell
    challenge = f'Bearer realm="http://{other.host}/token?x=1",service="the \\"reg\\"",scope="repository:app:pull"'

    def wants_token(then: Callable[[Handler], None]) -> Callable[[Handler], None]:
        refused = status(401, WWW_Authenticate=challenge)
        return lambda h: (then if sold and h.headers["Authorization"] == f"Bearer {sold[-1]}" else refused)(h)

    bad.routes = {path: wants_token(route) for path, route in bad.routes.items()}
    assert pull(bad) == [{"a": b"1"}]
    assert sold == ["token0"]
    assert other.seen[0][0] == "/token?x=1&service=the+%5C%22reg%5C%22&scope=repository%3Aapp%3Apull"
    assert "Authorization" not in other.seen[0][1]
    sold.append("revoked at once")
    other.seen.clear()
    assert pull(bad, credentials=Credentials("ali", PASSWORD)) == [{"a": b"1"}]
    assert other.seen[0][1]["Authorization"].startswith("Basic ")
    other.seen.clear()
    assert pull(bad, credentials=Credentials(identity_token="refresh")) == [{"a": b"1"}]
    assert other.seen[0][1]["Content-Type"] == "application/x-www-form-urlencoded"
    ready = Credentials(registry_token=sold[-1])
    other.seen.clear()
    assert pull(bad, credentials=ready) == [{"a": b"1"}]
    assert other.seen == []


@pytest.mark.parametrize(
    ("token", "error", "message"),
    [
        (status(403), Denied, "refuses to give access"),
        (status(404), Unavailable, "status 404 instead of a token"),
        (gives(b"[]"), Unavailable, "something else than a token"),
        (gives(b"{}"), Unavailable, "without a usable token"),
        (gives(b'{"token": "a\\r\\nHost: b"}'), Unavailable, "without a usable token"),
        (gives(b'{"token": "never right"}'), Denied, "refuses access"),
    ],
)
def test_token_servers_that_misbehave(bad: Misbehaving, token: Callable, error: type, message: str) -> None:
    bad.routes["/v2/app/manifests/latest"] = status(401, WWW_Authenticate=f'Bearer realm="http://{bad.host}/token"')
    bad.routes["/token"] = token
    with pytest.raises(error, match=message):
        pull(bad)


@pytest.mark.parametrize(
    "challenge",
    ["", "Negotiate", 'Bearer realm="nonsense"', 'Bearer service="x"', 'Bearer realm="http://example.com/token"'],
)
def test_challenges_that_cannot_be_answered(bad: Misbehaving, challenge: str) -> None:
    bad.routes["/v2/app/manifests/latest"] = status(401, WWW_Authenticate=challenge)
    with pytest.raises(Denied):
        pull(bad)


@pytest.mark.parametrize(
    ("code", "error"), [(403, Denied), (404, NotFound), (400, Unavailable), (418, Unavailable), (206, Unreadable)]
)
def test_answers_of_all_kinds(bad: Misbehaving, code: int, error: type) -> None:
    bad.routes["/v2/app/manifests/latest"] = status(code)
    with pytest.raises(error):
        pull(bad)


def test_schema_1_is_refused_in_plain_words(bad: Misbehaving) -> None:
    bad.routes["/v2/app/manifests/latest"] = gives(
        json.dumps({"schemaVersion": 1, "fsLayers": [], "name": "app"}).encode()
    )
    with pytest.raises(Invalid, match="Docker schema 1 manifest"):
        pull(bad)


def test_a_registry_that_is_not_there() -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        open_registry_image(f"127.0.0.1:{free_port()}/app", Wish(), patience=quick()).__enter__()


def test_a_server_that_hangs_is_left(bad: Misbehaving) -> None:
    bad.routes["/v2/app/manifests/latest"] = lambda _handler: time.sleep(0.4)
    started = time.monotonic()
    with pytest.raises(Unavailable):
        open_registry_image(f"{bad.host}/app", Wish(), patience=replace(quick(), timeout=0.1)).__enter__()
    assert time.monotonic() - started < 3
