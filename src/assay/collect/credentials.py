"""Who Assay is to a registry: what ``docker login`` and its relatives left behind.

Files: https://docs.docker.com/reference/cli/docker/login/ (``auths``, ``credHelpers``, ``credsStore``) and
https://github.com/containers/image/blob/main/docs/containers-auth.json.5.md (keys may name a repository).
"""

import base64
import binascii
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from assay.collect.reference import DOCKER_HUB, Reference
from assay.errors import Denied, Invalid

_HELPER_SECONDS = 30
_LARGEST = 4 << 20
_HELPER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
_HUB_KEYS = ("https://index.docker.io/v1/", "index.docker.io", "docker.io", "registry-1.docker.io")


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user name and password, or an ``identity_token`` that buys access tokens, or a ready ``registry_token``."""

    username: str = ""
    password: str = ""
    identity_token: str = ""
    registry_token: str = ""

    def __repr__(self) -> str:
        return f"Credentials(username={self.username!r})"

    @property
    def basic(self) -> str:
        """The value of an Authorization header."""
        return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode()


ANONYMOUS = Credentials()


class _Auth(msgspec.Struct, frozen=True):
    auth: str | None = None
    username: str | None = None
    password: str | None = None
    identitytoken: str | None = None
    registrytoken: str | None = None


class _ConfigFile(msgspec.Struct, frozen=True, rename="camel"):
    auths: dict[str, _Auth | None] | None = None
    cred_helpers: dict[str, str] | None = None
    creds_store: str | None = None


class _HelperAnswer(msgspec.Struct, frozen=True, rename="pascal"):
    username: str = ""
    secret: str = ""


def find_credentials(reference: Reference, environment: Mapping[str, str] | None = None) -> Credentials:
    """The credentials for a repository, ``ANONYMOUS`` when nothing is stored.

    A helper program named for the registry goes before the general one, that before what the file itself holds. Raises
    ``Invalid`` for a broken file and ``Denied`` for a helper that fails.
    """
    environment = os.environ if environment is None else environment
    for path in _config_paths(environment):
        config = _read_config(path)
        if config is None:
            continue
        found = _from_helper(reference, config) or _from_file(reference, config, path)
        if found is not None:
            return found
    return ANONYMOUS


def _config_paths(environment: Mapping[str, str]) -> Iterator[Path]:
    home = Path(environment.get("HOME") or "~").expanduser()
    if file := environment.get("REGISTRY_AUTH_FILE"):
        yield Path(file)
    yield Path(environment.get("DOCKER_CONFIG") or home / ".docker") / "config.json"
    if runtime := environment.get("XDG_RUNTIME_DIR"):
        yield Path(runtime) / "containers" / "auth.json"
    yield Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "containers" / "auth.json"


def _read_config(path: Path) -> _ConfigFile | None:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None
    except OSError as error:
        raise Invalid(f"{path}: {error.strerror}") from error
    try:
        return msgspec.json.decode(data or b"{}", type=_ConfigFile)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise Invalid(f"{path}: {error}") from error


def _keys(reference: Reference) -> list[str]:
    """Under which names credentials may be stored, the most specific first."""
    parts = reference.repository.split("/")
    scoped = [f"{reference.registry}/{'/'.join(parts[:count])}" for count in range(len(parts), 0, -1)]
    if reference.registry == DOCKER_HUB:
        return [*scoped, *_HUB_KEYS]
    return [*scoped, reference.registry]


def _host(key: str) -> str:
    """A key of ``auths`` without scheme and old API suffix: ``https://host/v1/`` is ``host``."""
    bare = key.split("://", 1)[-1].rstrip("/")
    return bare.removesuffix("/v1").removesuffix("/v2")


def _from_file(reference: Reference, config: _ConfigFile, path: Path) -> Credentials | None:
    stored = {_host(key): auth for key, auth in (config.auths or {}).items() if auth is not None}
    for key in _keys(reference):
        auth = stored.get(_host(key))
        if auth is None:
            continue
        username, password = auth.username or "", auth.password or ""
        if auth.auth:
            username, password = _decoded(auth.auth, key, path)
        if username or auth.identitytoken or auth.registrytoken:
            return Credentials(username, password, auth.identitytoken or "", auth.registrytoken or "")
    return None


def _decoded(text: str, key: str, path: Path) -> tuple[str, str]:
    try:
        username, colon, password = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeError, ValueError) as error:
        raise Invalid(f"{path}: the entry for {key} is not base64 of user:password") from error
    if not colon:
        raise Invalid(f"{path}: the entry for {key} is not base64 of user:password")
    return username, password.rstrip("\0")


def _from_helper(reference: Reference, config: _ConfigFile) -> Credentials | None:
    helpers = {_host(key): name for key, name in (config.cred_helpers or {}).items()}
    for key in _keys(reference):
        if name := helpers.get(_host(key)):
            return _ask_helper(name, key)
    if config.creds_store:
        return _ask_helper(config.creds_store, _HUB_KEYS[0] if reference.registry == DOCKER_HUB else reference.registry)
    return None


def _ask_helper(name: str, server: str) -> Credentials | None:
    """What the helper knows of the server, None for nothing: https://github.com/docker/docker-credential-helpers."""
    program = f"docker-credential-{name}"
    if not _HELPER_NAME.match(name):
        raise Invalid(f"{name!r} is not the name of a credential helper")
    try:
        answer = subprocess.run(  # noqa: S603  # the user's own configuration names the program
            [program, "get"], input=server.encode(), capture_output=True, timeout=_HELPER_SECONDS, check=False
        )
    except FileNotFoundError as error:
        raise Denied(f"{server}: the credential helper {program} is configured but not installed") from error
    except subprocess.TimeoutExpired as error:
        raise Denied(f"{server}: {program} did not answer within {_HELPER_SECONDS} s") from error
    except OSError as error:
        raise Denied(f"{server}: {program} cannot be run: {error.strerror}") from error
    if answer.returncode:
        said = (answer.stdout or answer.stderr)[:300].decode("utf-8", "replace").strip()
        if "not found" in said or "no credentials" in said.lower():
            return None
        raise Denied(f"{server}: {program} failed: {said or f'exit status {answer.returncode}'}")
    try:
        found = msgspec.json.decode(answer.stdout, type=_HelperAnswer)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise Denied(f"{server}: {program} answered something else than credentials") from error
    if found.username == "<token>":
        return Credentials(identity_token=found.secret)
    return Credentials(found.username, found.secret)
