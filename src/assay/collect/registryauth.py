"""How a registry wants to be asked: challenges and bearer tokens.

https://distribution.github.io/distribution/spec/auth/token/ and RFC 9110, section 11.6.1.
"""

import re
import time
from dataclasses import dataclass
from urllib.parse import urlencode

import msgspec

from assay.collect.credentials import Credentials
from assay.collect.registryhttp import Transport, refuse_detour, split_url
from assay.errors import Denied, Unavailable

_SCHEME = re.compile(r"(?:^|,)\s*(Bearer|Basic)(?:\s+|$)", re.IGNORECASE)
_PARAMETER = re.compile(r'([A-Za-z_]{1,32})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_LARGEST_TOKEN = 1 << 20
_LEAST_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a 401 answer asks for: ``bearer`` with the place that sells tokens, or basic."""

    bearer: bool
    realm: str = ""
    service: str = ""
    scope: str = ""


class _Token(msgspec.Struct, frozen=True):
    token: str | None = None
    access_token: str | None = None
    expires_in: float | None = None


def parse_challenge(header: str) -> Challenge | None:
    """The challenge of a ``WWW-Authenticate`` header, bearer before basic; None when it offers neither."""
    header = header[:8192]
    marks = list(_SCHEME.finditer(header))
    basic = None
    for number, mark in enumerate(marks):
        end = marks[number + 1].start() if number + 1 < len(marks) else len(header)
        if mark[1].lower() == "basic":
            basic = Challenge(bearer=False)
            continue
        found = {match[1].lower(): match[2] or match[3] or "" for match in _PARAMETER.finditer(header, mark.end(), end)}
        return Challenge(True, found.get("realm", ""), found.get("service", ""), found.get("scope", ""))
    return basic


class Authorizer:
    """Keeps the Authorization value for one repository of one registry, and renews it when it is refused."""

    def __init__(self, transport: Transport, place: str, scope: str, credentials: Credentials) -> None:
        self._transport = transport
        self._place = place
        self._scope = scope
        self._credentials = credentials
        self._until = 0.0
        self._value = f"Bearer {credentials.registry_token}" if credentials.registry_token else ""

    def value(self) -> str:
        """What to send now, "" for nothing."""
        if self._until and time.monotonic() > self._until:
            self._value, self._until = "", 0.0
        return self._value

    def answer(self, header: str, base: str) -> None:
        """React to a challenge of the registry at ``base``; raises ``Denied`` when there is nothing more to answer."""
        challenge = parse_challenge(header)
        if challenge is None:
            raise Denied(f"{self._place}: the registry refuses access and offers no way to log in that Assay knows")
        if not challenge.bearer:
            if not self._credentials.username:
                raise Denied(f"{self._place}: the registry wants a user name and password; run docker login")
            if self._value == self._credentials.basic:
                raise Denied(f"{self._place}: the registry refuses the user name and password")
            self._value = self._credentials.basic
            return
        self._buy_token(challenge, base)

    def _buy_token(self, challenge: Challenge, base: str) -> None:
        realm = split_url(challenge.realm, self._place)
        refuse_detour(base, challenge.realm, self._place)
        wanted = {"service": challenge.service, "scope": challenge.scope or self._scope}
        credentials = self._credentials
        if credentials.identity_token:
            form = {**wanted, "grant_type": "refresh_token", "client_id": "assay"}
            form["refresh_token"] = credentials.identity_token
            answer = self._transport.request("POST", challenge.realm, form=form, place=self._place)
        else:
            url = challenge.realm + ("&" if realm.query else "?") + urlencode(wanted)
            headers = {"Authorization": credentials.basic} if credentials.username else {}
            answer = self._transport.request("GET", url, headers=headers, place=self._place)
        with answer:
            if answer.status in {400, 401, 403}:
                raise Denied(f"{self._place}: {realm.hostname} refuses to give access (status {answer.status})")
            if answer.status != 200:
                raise Unavailable(f"{self._place}: {realm.hostname} answered status {answer.status} instead of a token")
            self._keep(answer.body(_LARGEST_TOKEN), realm.netloc)

    def _keep(self, data: bytes, host: str) -> None:
        try:
            token = msgspec.json.decode(data, type=_Token)
        except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
            raise Unavailable(f"{self._place}: {host} answered something else than a token") from error
        text = token.token or token.access_token or ""
        if not text or not text.isascii() or not text.isprintable():
            raise Unavailable(f"{self._place}: {host} answered without a usable token")
        self._value = f"Bearer {text}"
        # A little early, so that no request starts with a token about to expire.
        self._until = time.monotonic() + max(token.expires_in or 0, _LEAST_SECONDS) * 0.9
