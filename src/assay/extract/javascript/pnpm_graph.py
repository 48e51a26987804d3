"""Which entries of a ``pnpm-lock.yaml`` the project asks for itself, and which only its development needs."""

from collections.abc import Iterable

from assay.extract.javascript.pnpm_document import Document


def direct_keys(document: Document) -> frozenset[str]:
    """The keys of ``packages`` that importers name, in every form in which a version of the format writes them."""
    keys: set[str] = set()
    for wanted in document.wanted:
        alias, resolved = wanted.alias, wanted.resolved
        keys.update((resolved, f"/{alias}/{resolved}", f"/{alias}@{resolved}", f"{alias}@{resolved}"))
    return frozenset(keys) | {key.partition("(")[0] for key in keys}


def development_only(document: Document) -> frozenset[str]:
    """The keys of ``packages`` (version 9) that are reached from ``devDependencies`` and from nothing else."""
    running = _reached(document, ((item.alias, item.resolved) for item in document.wanted if not item.dev))
    development = _reached(document, ((item.alias, item.resolved) for item in document.wanted if item.dev))
    return frozenset(_bare(key) for key in development) - {_bare(key) for key in running}


def _bare(key: str) -> str:
    return key.partition("(")[0]


def _reached(document: Document, starts: Iterable[tuple[str, str]]) -> set[str]:
    snapshots = document.snapshots
    reached: set[str] = set()
    waiting = list(starts)
    while waiting:
        alias, resolved = waiting.pop()
        key = f"{alias}@{resolved}"
        if key not in snapshots:
            key = resolved
        if key in snapshots and key not in reached:
            reached.add(key)
            waiting.extend(snapshots[key])
    return reached
