import gzip
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from assay.errors import Denied, Invalid, LimitExceeded, NotFound, Unavailable
from assay.intel.connection import HttpSettings
from assay.intel.transport import HttpTransport

BODY = bytes(range(256)) * 4096


class Clock:
    """Time that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def __call__(self) -> float:
        return self.now


def transport(clock: Clock | None = None, **settings: object) -> HttpTransport:
    clock = clock or Clock()
    merged = {"read_timeout": 2.0, "retries": 3, **settings}
    return HttpTransport(HttpSettings(**merged), sleep=clock.sleep, clock=clock, jitter=lambda: 1.0)  # type: ignore[arg-type]  # keyword by keyword


def in_turn(*answers: Callable[[BaseHTTPRequestHandler], None]) -> Callable[[BaseHTTPRequestHandler], None]:
    left = list(answers)

    def reply(handler: BaseHTTPRequestHandler) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(handler)

    return reply


def status(code: int, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    from collections.abc import Mapping

    def reply(handler: BaseHTTPRequestHandler) -> None:
        fields: Mapping[str, str] = {name.replace("_", "-"): value for name, value in headers.items()}
        handler.send_response(code)
        for name, value in {"Content-Length": "0", **fields}.items():
            handler.send_header(name, value)
        handler.end_headers()

    return reply


def broken_off(body: bytes, at: int, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body[:at])

    return reply


def ranged(body: bytes, etag: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """A server that knows Range and If-Range."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        wanted = handler.headers.get("Range")
        if wanted and handler.headers.get("If-Range") == etag:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            handler.send_response(206)
            handler.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        else:
            start = 0
            handler.send_response(200)
        handler.send_header("ETag", etag)
        handler.send_header("Content-Length", str(len(body) - start))
        handler.end_headers()
        handler.wfile.write(body[start:])

    return reply


def test_a_body_is_stored_and_its_validators_are_returned(site, tmp_path):
    url = site.serve("/a", BODY, ETag='"one"', Last_Modified="Tue, 01 Sep 2026 10:00:00 GMT")
    found = transport().get(url, tmp_path / "a", validators={}, limit=1 << 24)
    assert found == {"etag": '"one"', "last-modified": "Tue, 01 Sep 2026 10:00:00 GMT"}
    assert (tmp_path / "a").read_bytes() == BODY
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_an_unchanged_body_is_not_read_again(site, tmp_path):
    site.routes["/a"] = status(304)
    assert transport().get(site.address + "/a", tmp_path / "a", validators={"etag": '"one"'}, limit=9) is None
    assert site.requests[0][1]["if-none-match"] == '"one"'
    assert not (tmp_path / "a").exists()


def test_a_304_that_nobody_asked_for_is_an_error(site, tmp_path):
    site.routes["/a"] = status(304)
    with pytest.raises(Unavailable, match="answers 304"):
        transport().get(site.address + "/a", tmp_path / "a", validators={}, limit=9)


def test_server_errors_are_retried_with_growing_pauses(site, tmp_path):
    site.routes["/a"] = in_turn(status(500), status(503), status(502), ranged(b"good", '"1"'))
    clock = Clock()
    transport(clock).get(site.address + "/a", tmp_path / "a", validators={}, limit=9)
    assert (tmp_path / "a").read_bytes() == b"good"
    assert clock.slept == [1.0, 2.0, 4.0]


def test_the_last_error_is_told_when_no_attempt_succeeds(site, tmp_path):
    site.routes["/a"] = status(503)
    with pytest.raises(Unavailable, match=r"/a: the publisher answers 503$"):
        transport().get(site.address + "/a", tmp_path / "a", validators={}, limit=9)
    assert len(site.requests) == 4


def test_a_publisher_may_ask_for_a_pause(site, tmp_path):
    site.routes["/a"] = in_turn(status(429, Retry_After="7"), ranged(b"good", '"1"'))
    clock = Clock()
    transport(clock).get(site.address + "/a", tmp_path / "a", validators={}, limit=9)
    assert clock.slept == [7.0]


def test_a_pause_may_be_asked_for_as_a_date_in_the_past(site, tmp_path):
    site.routes["/a"] = in_turn(status(503, Retry_After="Tue, 01 Sep 2020 10:00:00 GMT"), ranged(b"good", '"1"'))
    clock = Clock()
    transport(clock).get(site.address + "/a", tmp_path / "a", validators={}, limit=9)
    assert clock.slept == [0.0]


@pytest.mark.parametrize("asked", ["1800", "999999999999999999999", "Wed, 01 Sep 2100 10:00:00 GMT"])
def test_a_pause_that_is_too_long_ends_the_download_at_once(site, tmp_path, asked):
    site.routes["/a"] = status(429, Retry_After=asked)
    clock = Clock()
    with pytest.raises(Unavailable, match="asks to come back in"):
        transport(clock).get(site.address + "/a", tmp_path / "a", validators={}, limit=9)
    assert clock.slept == []


@pytest.mark.parametrize("asked", ["soon", "-5", "Tue, 99 Foo 2020", ""])
def test_a_pause_that_cannot_be_understood_is_replaced_by_our_own(site, tmp_path, asked):
    site.routes["/a"] = in_turn(status(429, Retry_After=asked), ranged(b"good", '"1"'))
    clock = Clock()
    transport(clock).get(site.address + "/a", tmp_path / "a", validators={}, limit=9)
    assert clock.slept == [1.0]


def test_githubs_rate_limit_is_a_pause_not_a_refusal(site, tmp_path):
    site.routes["/a"] = in_turn(status(403, X_RateLimit_Remaining="0", X_RateLimit_Reset="5"), ranged(b"good", '"1"'))
    transport().get(site.address + "/a", tmp_path / "a", validators={}, limit=9)
    assert (tmp_path / "a").read_bytes() == b"good"


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (401, Denied),
        (403, Denied),
        (407, Denied),
        (404, NotFound),
        (410, NotFound),
        (400, Unavailable),
        (418, Unavailable),
    ],
)
def test_other_answers_are_told_at_once(site, tmp_path, code, error):
    site.routes["/a"] = status(code)
    with pytest.raises(error, match=f"answers {code}"):
        transport().get(site.address + "/a", tmp_path / "a", validators={}, limit=9)
    assert len(site.requests) == 1


def test_a_broken_download_is_continued(site, tmp_path):
    site.routes["/a.gz"] = in_turn(broken_off(BODY, 300_000, ETag='"one"'), ranged(BODY, '"one"'))
    transport().get(site.address + "/a.gz", tmp_path / "a", validators={}, limit=1 << 24)
    assert (tmp_path / "a").read_bytes() == BODY
    assert site.requests[1][1]["range"] == "bytes=300000-"
    assert site.requests[1][1]["if-range"] == '"one"'


def test_a_broken_download_is_continued_by_the_next_run(site, tmp_path):
    site.routes["/a.gz"] = in_turn(broken_off(BODY, 300_000, ETag='"one"'), ranged(BODY, '"one"'))
    with pytest.raises(Unavailable, match="broke off"):
        transport(retries=0).get(site.address + "/a.gz", tmp_path / "a", validators={}, limit=1 << 24)
    transport(retries=0).get(site.address + "/a.gz", tmp_path / "a", validators={}, limit=1 << 24)
    assert (tmp_path / "a").read_bytes() == BODY
    assert site.requests[1][1]["range"] == "bytes=300000-"


def test_a_body_that_changed_in_between_is_read_from_the_start(site, tmp_path):
    site.routes["/a.gz"] = in_turn(broken_off(BODY, 300_000, ETag='"one"'), ranged(BODY[::-1], '"two"'))
    transport().get(site.address + "/a.gz", tmp_path / "a", validators={}, limit=1 << 24)
    assert (tmp_path / "a").read_bytes() == BODY[::-1]


def test_a_server_that_ignores_ranges_costs_a_second_whole_download(site, tmp_path):
    site.routes["/a.gz"] = in_turn(broken_off(BODY, 300_000, ETag='"one"'), broken_off(BODY, len(BODY), ETag='"one"'))
    transport().get(site.address + "/a.gz", tmp_path / "a", validators={}, limit=1 << 24)
    assert (tmp_path / "a").read_bytes() == BODY


@pytest.mark.parametrize("etag", ['W/"weak"', ""])
def test_without_a_strong_validator_nothing_is_continued(site, tmp_path, etag):
    headers = {"ETag": etag} if etag else {}
    site.routes["/a.gz"] = in_turn(broken_off(BODY, 300_000, **headers), broken_off(BODY, len(BODY)))
    transport().get(site.address + "/a.gz", tmp_path / "a", validators={}, limit=1 << 24)
    assert (tmp_path / "a").read_bytes() == BODY
    assert "range" not in site.requests[1][1]


def test_a_part_that_the_server_refuses_is_thrown_away(site, tmp_path):
    (tmp_path / "a.part").write_bytes(b"x" * 50)
    (tmp_path / "a.part.json").write_text(f'{{"url":"{site.address}/a.gz","validator":"\\"one\\""}}')
    site.routes["/a.gz"] = in_turn(status(416), ranged(b"good", '"two"'))
    transport().get(site.address + "/a.gz", tmp_path / "a", validators={}, limit=100)
    assert (tmp_path / "a").read_bytes() == b"good"


def test_another_part_than_the_missing_one_is_thrown_away(site, tmp_path):
    (tmp_path / "a.part").write_bytes(b"x" * 50)
    (tmp_path / "a.part.json").write_text(f'{{"url":"{site.address}/a.gz","validator":"\\"one\\""}}')
    site.routes["/a.gz"] = in_turn(status(206, Content_Range="bytes 10-20/60"), ranged(b"good", '"two"'))
    transport().get(site.address + "/a.gz", tmp_path / "a", validators={}, limit=100)
    assert (tmp_path / "a").read_bytes() == b"good"


def test_a_note_that_is_garbage_is_ignored(site, tmp_path):
    (tmp_path / "a.part").write_bytes(b"x" * 50)
    (tmp_path / "a.part.json").write_bytes(b"\xff\x00{")
    url = site.serve("/a", b"good")
    transport().get(url, tmp_path / "a", validators={}, limit=100)
    assert (tmp_path / "a").read_bytes() == b"good"


def test_a_body_announced_too_large_is_not_read(site, tmp_path):
    url = site.serve("/a.gz", b"x", Content_Length=str(1 << 40))
    with pytest.raises(LimitExceeded, match="1099511627776 bytes announced, the limit is 1000"):
        transport().get(url, tmp_path / "a", validators={}, limit=1000)
    assert list(tmp_path.iterdir()) == []


def test_an_endless_body_stops_at_the_limit(site, tmp_path):
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 65536)

    site.routes["/a"] = endless
    with pytest.raises(LimitExceeded, match="more than 1000000 bytes"):
        transport().get(site.address + "/a", tmp_path / "a", validators={}, limit=1_000_000)
    assert list(tmp_path.iterdir()) == []
    assert len(site.requests) == 1


def test_a_chunked_body_is_stored(site, tmp_path):
    def chunked(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for part in (b"hello ", b"world"):
            handler.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        handler.wfile.write(b"0\r\n\r\n")

    site.routes["/a"] = chunked
    transport().get(site.address + "/a", tmp_path / "a", validators={}, limit=100)
    assert (tmp_path / "a").read_bytes() == b"hello world"


def test_a_chunked_body_that_breaks_off_is_an_error(site, tmp_path):
    def chunked(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"ff\r\nhello ")

    site.routes["/a"] = chunked
    with pytest.raises(Unavailable, match="broke off"):
        transport(retries=0).get(site.address + "/a", tmp_path / "a", validators={}, limit=100)
    assert not (tmp_path / "a").exists()


def test_fewer_bytes_than_announced_are_an_error_not_a_file(site, tmp_path):
    site.routes["/a"] = broken_off(BODY, 1000)
    with pytest.raises(Unavailable, match="broke off"):
        transport(retries=1).get(site.address + "/a", tmp_path / "a", validators={}, limit=1 << 24)
    assert not (tmp_path / "a").exists()


def test_a_compressed_answer_is_decompressed(site, tmp_path):
    url = site.serve("/a.json", gzip.compress(BODY), Content_Encoding="gzip", ETag='W/"1"')
    transport().get(url, tmp_path / "a", validators={}, limit=1 << 24)
    assert (tmp_path / "a").read_bytes() == BODY
    assert site.requests[0][1]["accept-encoding"] == "gzip"


def test_a_compressed_file_is_asked_for_as_it_is(site, tmp_path):
    transport().get(site.serve("/a.json.gz", b"x"), tmp_path / "a", validators={}, limit=100)
    assert site.requests[0][1]["accept-encoding"] == "identity"


def test_a_decompression_bomb_stops_at_the_limit(site, tmp_path):
    url = site.serve("/a", gzip.compress(bytes(50_000_000)), Content_Encoding="gzip")
    with pytest.raises(LimitExceeded, match="more than 1000000 bytes"):
        transport().get(url, tmp_path / "a", validators={}, limit=1_000_000)


def test_a_compressed_answer_that_is_not_compressed_is_an_error(site, tmp_path):
    url = site.serve("/a", b"plain text", Content_Encoding="gzip")
    with pytest.raises(Unavailable, match="cannot be decompressed"):
        transport(retries=0).get(url, tmp_path / "a", validators={}, limit=1000)


def test_a_silent_server_is_given_up(site, tmp_path):
    def silent(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.6)

    site.routes["/a"] = silent
    with pytest.raises(Unavailable, match="no answer in time"):
        transport(retries=0, read_timeout=0.2).get(site.address + "/a", tmp_path / "a", validators={}, limit=100)


def test_a_trickle_of_bytes_is_given_up_when_the_time_is_used_up(site, tmp_path):
    def trickle(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(200):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.02)

    site.routes["/a"] = trickle
    started = time.monotonic()
    slow = HttpTransport(HttpSettings(total_timeout=0.3, retries=5, backoff=1.0))
    with pytest.raises(Unavailable, match="takes too long and the time for this download is used up"):
        slow.get(site.address + "/a", tmp_path / "a", validators={}, limit=100_000)
    assert time.monotonic() - started < 2


def test_nobody_listening_is_unavailable(tmp_path):
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:9/a: the connection is refused"):
        transport(retries=0).get("http://127.0.0.1:9/a", tmp_path / "a", validators={}, limit=100)


def test_redirects_are_followed_and_validators_are_those_of_the_end(site, tmp_path):
    site.routes["/a"] = status(302, Location="/b")
    site.serve("/b", b"here", ETag='"b"')
    assert transport().get(site.address + "/a", tmp_path / "a", validators={}, limit=9) == {"etag": '"b"'}
    assert (tmp_path / "a").read_bytes() == b"here"


def test_endless_redirects_end(site, tmp_path):
    site.routes["/a"] = status(302, Location="/a")
    with pytest.raises(Unavailable, match="more than 8 redirects"):
        transport().get(site.address + "/a", tmp_path / "a", validators={}, limit=9)


def test_credentials_go_to_their_host_only_and_never_into_messages(site, tmp_path):
    site.routes["/a"] = status(302, Location=f"{site.address.replace('127.0.0.1', 'localhost')}/b")
    site.routes["/b"] = status(403)
    with pytest.raises(Denied) as error:
        transport(headers={"127.0.0.1": {"apiKey": "k3y"}}).get(
            site.address.replace("//", "//user:s3cret@") + "/a?token=t0k", tmp_path / "a", validators={}, limit=9
        )
    first, second = (headers for _, headers in site.requests)
    assert first["authorization"] == "Basic dXNlcjpzM2NyZXQ="
    assert first["apikey"] == "k3y"
    assert "authorization" not in second
    assert "apikey" not in second
    assert "s3cret" not in str(error.value)
    site.routes["/a"] = status(500)
    with pytest.raises(Unavailable) as unavailable:
        transport(retries=0).get(
            site.address.replace("//", "//user:s3cret@") + "/a?token=t0k", tmp_path / "a", validators={}, limit=9
        )
    assert "s3cret" not in str(unavailable.value)
    assert "t0k" not in str(unavailable.value)


def test_credentials_of_the_settings_are_sent_to_their_host(site, tmp_path):
    site.serve("/a", b"x")
    transport(credentials={"127.0.0.1": "ü:p"}).get(site.address + "/a", tmp_path / "a", validators={}, limit=9)
    assert site.requests[0][1]["authorization"] == "Basic w7w6cA=="


def test_the_next_page_is_told(site, tmp_path):
    url = site.serve("/a", b"[]", Link='</a?after=2>; rel="next", <https://x.example/>; rel="last"')
    assert transport().get(url, tmp_path / "a", validators={}, limit=9) == {"next": site.address + "/a?after=2"}


@pytest.mark.parametrize(
    "url", ["ftp://host/a", "file:///etc/passwd", "http://", "nonsense", "http://h:99999999/", "http://[::1/"]
)
def test_other_addresses_are_refused(tmp_path, url):
    with pytest.raises(Invalid, match="cannot be read"):
        transport().get(url, tmp_path / "a", validators={}, limit=9)


def test_two_requests_to_a_paced_host_keep_their_distance(site, tmp_path):
    site.serve("/a", b"x")
    clock = Clock()
    paced = transport(clock, pace={"127.0.0.1": 6.0})
    for _ in range(3):
        paced.get(site.address + "/a", tmp_path / "a", validators={}, limit=9)
    assert clock.slept == [6.0, 6.0]


def test_a_proxy_is_asked_for_the_whole_address(site, tmp_path):
    site.routes["http://feeds.example/kev.json"] = ranged(b"via proxy", '"1"')
    through = transport(proxies={"http": site.address.replace("//", "//me:pw@")})
    through.get("http://feeds.example/kev.json", tmp_path / "a", validators={}, limit=99)
    assert (tmp_path / "a").read_bytes() == b"via proxy"
    assert site.requests[0][1]["proxy-authorization"] == "Basic bWU6cHc="


@pytest.mark.parametrize("bypass", ["*", "127.0.0.1", "10.0.0.0/8, 127.0.0.0/8"])
def test_hosts_without_proxy_are_read_directly(site, tmp_path, bypass):
    direct = transport(proxies={"http": "http://127.0.0.1:9"}, no_proxy=bypass)
    direct.get(site.serve("/a", b"x"), tmp_path / "a", validators={}, limit=9)
    assert (tmp_path / "a").read_bytes() == b"x"


@pytest.mark.parametrize("proxy", ["socks5://u:pw@h:1", "http://h:port"])
def test_a_proxy_that_cannot_be_used_is_told_without_its_password(site, tmp_path, proxy):
    with pytest.raises(Invalid, match="proxy's address cannot be used") as error:
        transport(proxies={"http": proxy}).get(site.address + "/a", tmp_path / "a", validators={}, limit=9)
    assert "pw" not in str(error.value)


def test_a_file_that_holds_no_certificates_is_told(tmp_path):
    bundle = tmp_path / "ca.pem"
    bundle.write_text("nothing")
    with pytest.raises(Invalid, match="not a file of certificates"):
        transport(ca_bundle=bundle).get("https://127.0.0.1:9/a", tmp_path / "a", validators={}, limit=9)


def test_settings_come_from_the_environment():
    found = HttpSettings.from_environment(
        {
            "https_proxy": "http://p:1", "ALL_PROXY": "http://all:1", "NO_PROXY": ".corp", "SSL_CERT_FILE": "/ca.pem",
            "ASSAY_NVD_API_KEY": "k", "GITHUB_TOKEN": "t",
        }
    )  # fmt: skip
    assert found.proxies == {"https": "http://p:1", "http": "http://all:1"}
    assert found.no_proxy == ".corp"
    assert found.ca_bundle == Path("/ca.pem")
    assert found.headers["services.nvd.nist.gov"] == {"apiKey": "k"}
    assert found.headers["api.github.com"] == {"Authorization": "Bearer t"}
    assert found.pace == {"services.nvd.nist.gov": 0.6}
    assert "http://p:1" not in repr(found)


def test_a_folder_that_cannot_be_written_is_told(site, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot be written"):
        transport(retries=0).get(site.serve("/a", b"x"), tmp_path / "file" / "a", validators={}, limit=9)


def test_a_server_that_speaks_no_tls_is_told_at_once(site, tmp_path):
    clock = Clock()
    with pytest.raises(Unavailable, match="the certificate or the TLS connection is not valid"):
        transport(clock).get(site.address.replace("http:", "https:") + "/a", tmp_path / "a", validators={}, limit=9)
    assert clock.slept == []
