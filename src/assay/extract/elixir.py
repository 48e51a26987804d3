"""Elixir and Erlang packages locked in ``mix.lock`` and ``rebar.lock``.

https://hexdocs.pm/mix/Mix.Tasks.Deps.html: a line per dependency, ``"name": {:hex, :package, "version", ...}`` or
``"name": {:git, "address", "revision", ...}``; https://rebar3.org/docs/workflow/deps_compilation/ for Erlang's
``{<<"name">>,{pkg,<<"package">>,<<"version">>},level}``. What comes from git has no version.
"""

import re
from collections.abc import Iterator

from assay.extract.contract import Fact, Wants
from assay.extract.listing import Listing
from assay.model.ecosystem import Ecosystem
from assay.model.tree import SourceFile

_MIX = re.compile(
    r'\s*"(?P<name>[^"]{1,200})":\s*\{:(?:hex,\s*:"?(?P<package>[\w.@-]{1,200})"?,\s*"(?P<version>[^"]{1,200})"|git\b)'
)
_REBAR = re.compile(
    r'[\s\[,]*\{<<"(?P<name>[^"]{1,200})">>,\s*'
    r'\{(?:pkg,\s*<<"(?P<package>[^"]{1,200})">>,\s*<<"(?P<version>[^"]{1,200})">>|git\b).*\},\s*(?P<level>\d+)\}'
)


class MixLock:
    """The packages of ``mix.lock`` and ``rebar.lock``; only the latter says which are direct."""

    name = "mix-lock"
    version = 1
    wants = Wants(names=frozenset({"mix.lock", "rebar.lock"}))
    max_size = 8 << 20
    needs_siblings = False

    def extract(self, file: SourceFile, /) -> Iterator[Fact]:
        text = file.read().decode("utf-8", "replace")
        listing = Listing(self.name, Ecosystem.HEX, file.path)
        is_mix = file.path.endswith("mix.lock")
        for match in filter(None, map((_MIX if is_mix else _REBAR).match, text.splitlines())):
            found = match.groupdict()
            direct = None if is_mix else found["level"] == "0"
            listing.add(found["package"] or found["name"], found["version"] or "", direct=direct)
        yield from listing.facts()
