"""Things that feed tests share: a scripted web server, transports, the shared data, records as plain values."""

import dataclasses
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from assay.errors import Unavailable

SHARED = Path(os.environ.get("ASSAY_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))
NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)


@dataclass
class Site:
    """A web server on loopback: each path has a function that answers a request on its handler."""

    address: str
    routes: dict[str, Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    requests: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    def serve(self, path: str, body: bytes, status: int = 200, **headers: str) -> str:
        """Answer ``path`` with a body; its address."""
        self.routes[path] = lambda handler: answer(handler, body, status, headers)
        return self.address + path


def answer(handler: BaseHTTPRequestHandler, body: bytes, status: int, headers: Mapping[str, str]) -> None:
    handler.send_response(status)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in {"Content-Length": str(len(body)), **given}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


@pytest.fixture
def site() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            found.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            route = found.routes.get(self.path) or found.routes.get(self.path.partition("?")[0])
            try:
                if route is None:
                    answer(self, b"", 404, {})
                else:
                    route(self)
            except (BrokenPipeError, ConnectionResetError):
                pass

        def end_headers(self) -> None:
            self.send_header("Connection", "close")
            super().end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found = Site(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


class Answers:
    """A transport with prepared answers by address; ``asked`` are the addresses that were asked for."""

    def __init__(self, answers: Mapping[str, bytes], links: Mapping[str, str] | None = None) -> None:
        self.answers = dict(answers)
        self.links = dict(links or {})
        self.asked: list[str] = []

    def get(self, url: str, into: Path, /, *, validators: Mapping[str, str], limit: int) -> Mapping[str, str] | None:
        self.asked.append(url)
        if url not in self.answers:
            raise Unavailable(f"{url}: no answer")
        assert len(self.answers[url]) <= limit
        into.parent.mkdir(parents=True, exist_ok=True)
        into.write_bytes(self.answers[url])
        return {"next": self.links[url]} if url in self.links else {}


@pytest.fixture
def answers() -> type[Answers]:
    return Answers


@pytest.fixture
def shared() -> Path:
    """The folder of shared intelligence."""
    if not (SHARED / "intel").is_dir():
        pytest.skip("the shared data is not here")
    return SHARED / "intel"


@pytest.fixture
def plain() -> Callable[[object], object]:
    """Turns a record into JSON values."""
    return _plain


def _plain(value: object) -> object:
    """Only what is not empty, with the type's name."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"": type(value).__name__, **{k: v for k, v in fields.items() if v not in (None, "", [], False)}}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value
