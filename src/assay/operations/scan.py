"""Scan: inventory, match, score, one report per target."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from assay.intel.lookup import Snapshot
from assay.intel.snapshots import current_snapshot
from assay.match.find import find_matches
from assay.match.options import Declared, MatchOptions, read_declared
from assay.model.match import Matches
from assay.model.report import Finding, Report
from assay.operations.clock import clock
from assay.operations.roots import Root, ScanOptions, read_root, read_small
from assay.score.finding import build_findings, end_of_life_finding, sorted_findings

_LARGEST_STATEMENT = 256 << 20


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The snapshot that answers, and an older one whose findings are left out."""

    snapshot: Snapshot
    older: Snapshot | None = None


@contextmanager
def open_knowledge(file: Path | None, older: Path | None, data: Path) -> Iterator[Knowledge]:
    """Open the snapshot ``file``, or the one in use in the data folder. Raises NotFound or Unreadable."""
    with ExitStack() as stack:
        snapshot = stack.enter_context(Snapshot(snapshot_file(file) if file else current_snapshot(data)))
        yield Knowledge(snapshot, stack.enter_context(Snapshot(snapshot_file(older))) if older else None)


def snapshot_file(path: Path) -> Path:
    """A snapshot by its file, or by the data folder that holds it."""
    return current_snapshot(path) if path.is_dir() else path


def read_statements(files: Iterable[Path]) -> Declared:
    """All VEX statements and ignore entries of the files, in their order."""
    statements = [read_declared(read_small(file, _LARGEST_STATEMENT), str(file)) for file in files]
    return Declared(
        tuple(statement for item in statements for statement in item.statements),
        tuple(rule for item in statements for rule in item.ignores),
    )


def scan(target: str, knowledge: Knowledge, declared: Declared, options: ScanOptions) -> Report:
    """Everything the knowledge says about the target."""
    root = read_root(target, options)
    if options.notify:
        options.notify(f"matching {len(root.inventory.packages)} packages")
    return assess(root, knowledge, declared, clock())


def explain(
    target: str,
    identifier: str,
    package: str,
    knowledge: Knowledge,
    declared: Declared,
    options: ScanOptions,
) -> list[str]:
    """The derivation of every verdict on one vulnerability, as lines of text; of one package where it is named."""
    from assay.intel.search import search
    from assay.match.explain import explain as derive
    from assay.match.explain import explanation_lines

    root = read_root(target, options)
    snapshot = knowledge.snapshot
    match_options = MatchOptions(clock().date(), declared.statements, declared.ignores, root.target)
    known = search(snapshot, identifier)
    keys = {(affected.scope, affected.name) for advisory in known.advisories for affected in advisory.affected}
    derived = derive(root.inventory, snapshot, identifier, package, match_options, elsewhere=keys)
    return list(explanation_lines(derived))


def assess(root: Root, knowledge: Knowledge, declared: Declared, now: datetime) -> Report:
    """Match, set aside and score an inventory. The same arguments give the same report."""
    snapshot = knowledge.snapshot
    options = MatchOptions(now.date(), declared.statements, declared.ignores, root.target)
    found = find_matches(root.inventory, snapshot, options)
    findings = _findings(root, snapshot, found, now)
    if knowledge.older:
        before = find_matches(root.inventory, knowledge.older, options)
        known = {(f.id, f.component) for f in _findings(root, knowledge.older, before, now)}
        findings = tuple(f for f in findings if (f.id, f.component) not in known)
    return Report(
        target=root.target,
        inventory=root.inventory,
        findings=findings,
        set_aside=found.set_aside,
        not_compared=found.not_compared,
        errors=root.inventory.errors,
        notices=(*root.notices, *found.notices),
        intel=snapshot.status(),
        generated_at=now,
    )


def _findings(root: Root, snapshot: Snapshot, found: Matches, now: datetime) -> tuple[Finding, ...]:
    facts = snapshot.vulnerabilities({match.vulnerability for match in found.matches})
    findings = build_findings(found.matches, facts)
    os_ = root.inventory.os
    end = snapshot.end_of_life(os_.scope) if os_ and os_.scope else None
    if os_ and end:
        expired = end_of_life_finding(os_, end, now.date())
        if expired:
            return sorted_findings((*findings, expired))
    return findings
