"""Snapshots as text for people."""

import io
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from assay.cli.sources import never_offered
from assay.intel.diff import SnapshotDiff
from assay.intel.search import Known
from assay.model.advisory import AffectedPackage, Vulnerability
from assay.model.report import IntelStatus

_SHOWN = 200


def status_text(found: IntelStatus) -> str:
    """One line per source: its state, the date of its data and how many records it has."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    for name in ("Source", "Status", "Data of", "Fetched", "Records", "Message"):
        table.add_column(name, justify="right" if name == "Records" else "left", overflow="fold")
    missing = [source.name for source in found.sources if never_offered(source)]
    for source in found.sources:
        if never_offered(source):
            continue
        table.add_row(
            source.name,
            source.status,
            f"{source.data_at:%Y-%m-%d}" if source.data_at else "",
            f"{source.fetched_at:%Y-%m-%d %H:%M}" if source.fetched_at else "",
            str(source.records) if source.records else "",
            source.message,
        )
    built = f", newest data of {found.built_at:%Y-%m-%d}" if found.built_at else ""
    absent = f"Missing: {', '.join(missing)}\n" if missing else ""
    return _rendered(table) + absent + f"Snapshot {found.digest}{built}\n"


def search_text(found: Known) -> str:
    """Facts first, then what each publisher says of which packages."""
    lines = [line for item in found.vulnerabilities for line in _facts(item)]
    for advisory in found.advisories:
        heading = f"{advisory.id} ({advisory.source}) {advisory.severity}".rstrip()
        lines += ["", heading + (f": {advisory.summary}" if advisory.summary else "")]
        lines += [f"  {_statement(affected)}" for affected in advisory.affected[:_SHOWN]]
        if len(advisory.affected) > _SHOWN:
            lines.append(f"  and {len(advisory.affected) - _SHOWN} more packages (all in --format json)")
    for (scope, name), candidates in found.packages.items():
        lines += ["", f"{name} in {scope}: {len(candidates)} statements"]
        for candidate in candidates[:_SHOWN]:
            ids = ", ".join(candidate.vulnerabilities)
            lines.append(f"  {candidate.advisory} ({candidate.source}; {ids}): {_ranges(candidate.affected)}")
    if not lines:
        lines = [f"{found.identifier}: nothing is known"]
    return "\n".join(lines).lstrip("\n") + "\n"


def search_document(found: Known) -> dict[str, object]:
    """The same as plain data, without the encoded limits."""
    return {
        "identifier": found.identifier,
        "vulnerabilities": found.vulnerabilities,
        "advisories": found.advisories,
        "packages": [
            {
                "scope": scope,
                "name": name,
                "statements": [
                    {
                        "advisory": candidate.advisory,
                        "source": candidate.source,
                        "vulnerabilities": candidate.vulnerabilities,
                        "affected": candidate.affected,
                        "url": candidate.url,
                    }
                    for candidate in candidates
                ],
            }
            for (scope, name), candidates in found.packages.items()
        ],
    }


def diff_text(found: SnapshotDiff) -> str:
    """What changed, in numbers and then by name."""
    lines = [
        f"{found.old[:19]} -> {found.new[:19]}",
        f"{len(found.keys)} packages, {len(found.vulnerabilities)} vulnerabilities, {len(found.aliases)} aliases",
    ]
    lines += [f"now covered: {scope}" for scope in found.covered]
    lines += [f"no longer covered: {scope}" for scope in found.uncovered]
    lines += [f"end of life: {scope}" for scope in found.lifecycle]
    lines += [f"package {scope} {name}" for scope, name in found.keys]
    lines += [f"facts {change.id}: {', '.join(change.facts)}" for change in found.vulnerabilities]
    return "\n".join(lines) + "\n"


def _facts(item: Vulnerability) -> Iterator[str]:
    yield item.id + (f" (also {', '.join(item.aliases)})" if item.aliases else "")
    if item.rejected:
        yield "  rejected by its issuer"
    text = " ".join((item.summary or item.details).split())
    if text:
        yield f"  {text[:400]}"
    for name, moment in (("published", item.published), ("modified", item.modified)):
        if moment:
            yield f"  {name}: {moment:%Y-%m-%d}"
    for cvss in item.cvss:
        yield f"  CVSS {cvss.version} {cvss.score} {cvss.vector} ({cvss.source})"
    for source, word in item.severities:
        yield f"  severity: {word} ({source})"
    if item.cwes:
        yield f"  weaknesses: {', '.join(item.cwes)}"
    yield from _exploitation(item)
    for reference in item.references[:40]:
        yield f"  {reference.kind.lower()}: {reference.url}"


def _exploitation(item: Vulnerability) -> Iterator[str]:
    if item.epss:
        day = f" on {item.epss.day}" if item.epss.day else ""
        yield f"  EPSS: {item.epss.score:.5f} (percentile {item.epss.percentile:.5f}){day}"
    if item.kev:
        due = f", due {item.kev.due}" if item.kev.due else ""
        yield f"  known exploited since {item.kev.added}{due}{', by ransomware' if item.kev.ransomware else ''}"
    for exploit in item.exploits[:20]:
        yield f"  exploit: {exploit.url} ({exploit.source})"
    if item.attention is not None:
        yield f"  attention: {item.attention} mentions"
    for name, value in item.ssvc:
        yield f"  SSVC {name}: {value}"


def _statement(affected: AffectedPackage) -> str:
    module = f" module {affected.module}" if affected.module else ""
    word = f" [{affected.status_text or affected.severity}]" if affected.status_text or affected.severity else ""
    return (
        f"{affected.scope} {affected.name}{module}: {affected.state.value.replace('_', ' ')} {_ranges(affected)}{word}"
    )


def _ranges(affected: AffectedPackage) -> str:
    texts = []
    for item in affected.ranges:
        end = f", < {item.fixed}" if item.fixed else f", <= {item.last_affected}" if item.last_affected else ""
        texts.append(f">= {item.introduced}{end}")
    if affected.versions:
        texts.append(f"{len(affected.versions)} listed versions")
    return " | ".join(texts) or "all versions"


def _rendered(table: Table) -> str:
    text = io.StringIO()
    Console(file=text, width=140, highlight=False, no_color=True).print(table)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"
