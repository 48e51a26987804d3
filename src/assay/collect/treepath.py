"""One spelling for the names of a tree: relative, ``/`` between parts, no ``.`` or ``..``, any bytes."""

import re

_NEEDS_WORK = re.compile(rb"(?:^|/)\.{0,2}(?:/|$)|\0").search
_FIRST = frozenset({b"", b".", b"/"})


def tree_path(raw: bytes) -> str | None:
    """The path that ``raw`` (as an archive writes it) names inside the tree; ``""`` is the root itself.

    None when the name leaves the root or holds a NUL byte. Bytes that are not UTF-8 become lone surrogates
    (``surrogateescape``), so ``os.fsencode`` gives them back.
    """
    if raw[-1:] == b"/":
        raw = raw[:-1]
    if raw[:2] == b"./":
        raw = raw[2:]
    # These look for what the pattern needs to match, and are much faster when it is not there.
    if (raw[:1] in _FIRST or b"/." in raw or b"//" in raw or raw[-1:] == b"/" or b"\0" in raw) and _NEEDS_WORK(raw):
        cleaned = _clean(raw)
        if cleaned is None:
            return None
        raw = cleaned
    return raw.decode("utf-8", "surrogateescape")


def _clean(raw: bytes) -> bytes | None:
    if b"\0" in raw:
        return None
    parts: list[bytes] = []
    for part in raw.split(b"/"):
        if part in {b"", b"."}:
            continue
        if part != b"..":
            parts.append(part)
        elif parts:
            parts.pop()
        else:
            return None
    return b"/".join(parts)
