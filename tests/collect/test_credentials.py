"""Credentials are found where docker, podman and their helpers leave them."""

import base64
import json
from pathlib import Path

import pytest

from assay.collect.credentials import ANONYMOUS, Credentials, find_credentials
from assay.collect.reference import parse_reference
from assay.collect.registryauth import Challenge, parse_challenge
from assay.errors import Denied, Invalid


def found(tmp_path: Path, config: object, image: str = "reg.example.com/team/app", **more: str) -> Credentials:
    (tmp_path / "config.json").write_text(config if isinstance(config, str) else json.dumps(config))
    return find_credentials(parse_reference(image), {"DOCKER_CONFIG": str(tmp_path), "HOME": str(tmp_path), **more})


def auth(text: str) -> dict[str, str]:
    return {"auth": base64.b64encode(text.encode()).decode()}


@pytest.mark.parametrize(
    "key", ["reg.example.com", "https://reg.example.com", "https://reg.example.com/v1/", "reg.example.com/team"]
)
def test_a_stored_password_is_found_under_every_spelling(tmp_path: Path, key: str) -> None:
    assert found(tmp_path, {"auths": {key: auth("ali:a:b")}}) == Credentials("ali", "a:b")


def test_the_most_specific_entry_wins(tmp_path: Path) -> None:
    auths = {
        "reg.example.com": auth("all:1"),
        "reg.example.com/team/app": auth("one:2"),
        "other.example.com": auth("x:3"),
    }
    assert found(tmp_path, {"auths": auths}) == Credentials("one", "2")
    assert found(tmp_path, {"auths": auths}, "reg.example.com/else/app") == Credentials("all", "1")
    assert found(tmp_path, {"auths": auths}, "third.example.com/app") is ANONYMOUS


def test_docker_hub_has_a_name_of_its_own(tmp_path: Path) -> None:
    config = {"auths": {"https://index.docker.io/v1/": auth("ali:x")}}
    assert found(tmp_path, config, "debian") == Credentials("ali", "x")


def test_tokens_and_plain_fields(tmp_path: Path) -> None:
    entry = {**auth("ali:"), "identitytoken": "refresh"}
    assert found(tmp_path, {"auths": {"reg.example.com": entry}}) == Credentials("ali", "", "refresh")
    assert found(tmp_path, {"auths": {"reg.example.com": {"registrytoken": "t"}}}) == Credentials(registry_token="t")
    assert found(tmp_path, {"auths": {"reg.example.com": {"username": "a", "password": "b"}}}) == Credentials("a", "b")
    assert found(tmp_path, {"auths": {"reg.example.com": {}}}) is ANONYMOUS
    assert "secret" not in repr(Credentials("ali", "secret", "secret", "secret"))


@pytest.mark.parametrize(
    "config",
    [
        "{",
        "[]",
        '{"auths": 1}',
        {"auths": {"reg.example.com": {"auth": "!"}}},
        {"auths": {"reg.example.com": auth("ali")}},
    ],
)
def test_a_broken_file_is_told(tmp_path: Path, config: object) -> None:
    with pytest.raises(Invalid, match=r"config\.json"):
        found(tmp_path, config)


def test_podmans_file_and_an_explicit_one(tmp_path: Path) -> None:
    (tmp_path / "containers").mkdir()
    (tmp_path / "containers" / "auth.json").write_text(json.dumps({"auths": {"reg.example.com": auth("podman:1")}}))
    (tmp_path / "mine.json").write_text(json.dumps({"auths": {"reg.example.com": auth("mine:1")}}))
    assert found(tmp_path, {}, XDG_RUNTIME_DIR=str(tmp_path)) == Credentials("podman", "1")
    assert found(tmp_path, {}, REGISTRY_AUTH_FILE=str(tmp_path / "mine.json")) == Credentials("mine", "1")
    assert found(tmp_path, "", REGISTRY_AUTH_FILE=str(tmp_path / "none.json")) is ANONYMOUS


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    program = tmp_path / "docker-credential-test"
    program.write_text("#!/bin/sh\nread server\n" + 'echo \'{"Username": "ali", "Secret": "\'$server\'"}\'\n')
    program.chmod(0o755)
    return program


def test_helpers_are_asked_before_the_file(tmp_path: Path, helper: Path) -> None:
    auths = {"reg.example.com": auth("file:1")}
    chosen = {"credHelpers": {"reg.example.com": "test"}, "auths": auths}
    assert found(tmp_path, chosen) == Credentials("ali", "reg.example.com")
    assert found(tmp_path, {"credsStore": "test"}, "debian") == Credentials("ali", "https://index.docker.io/v1/")
    assert found(tmp_path, {"credHelpers": {"else.example.com": "test"}, "auths": auths}) == Credentials("file", "1")


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo broken pipe >&2; exit 3", "docker-credential-test failed: broken pipe"),
        ("exit 3", "failed: exit status 3"),
        ("echo hello", "answered something else than credentials"),
    ],
)
def test_helpers_that_fail(tmp_path: Path, helper: Path, script: str, message: str) -> None:
    helper.write_text(f"#!/bin/sh\n{script}\n")
    with pytest.raises(Denied, match=message):
        found(tmp_path, {"credsStore": "test"})


def test_helpers_that_know_nothing_or_only_a_token(tmp_path: Path, helper: Path) -> None:
    helper.write_text("#!/bin/sh\necho credentials not found in native keychain; exit 1\n")
    assert found(tmp_path, {"credsStore": "test", "auths": {"reg.example.com": auth("file:1")}}) == Credentials(
        "file", "1"
    )
    helper.write_text('#!/bin/sh\necho \'{"Username": "<token>", "Secret": "t"}\'\n')
    assert found(tmp_path, {"credsStore": "test"}) == Credentials(identity_token="t")


def test_helpers_that_are_not_there(tmp_path: Path, helper: Path) -> None:
    with pytest.raises(Denied, match="docker-credential-absent is configured but not installed"):
        found(tmp_path, {"credsStore": "absent"})
    with pytest.raises(Invalid, match="is not the name of a credential helper"):
        found(tmp_path, {"credsStore": "../../bin/sh"})
    helper.chmod(0o644)
    with pytest.raises(Denied, match="cannot be run: Permission denied"):
        found(tmp_path, {"credsStore": "test"})


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('Basic realm="x"', Challenge(bearer=False)),
        ("basic", Challenge(bearer=False)),
        (
            'Bearer realm="https://a/t",service="s",scope="repository:a:pull,push"',
            Challenge(True, "https://a/t", "s", "repository:a:pull,push"),
        ),
        ("bearer realm=https://a/t, service=s", Challenge(True, "https://a/t", "s")),
        ('Basic realm="x", Bearer realm="https://a/t"', Challenge(True, "https://a/t")),
        ('Bearer realm="https://a/t", Basic realm="x"', Challenge(True, "https://a/t")),
        ("Negotiate", None),
        ("", None),
        ('"' * 9000, None),
    ],
)
def test_challenges_are_read(header: str, expected: Challenge | None) -> None:
    assert parse_challenge(header) == expected
