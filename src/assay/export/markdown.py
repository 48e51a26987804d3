"""A report as Markdown, for step summaries and tickets."""

import re

from assay.export.document import finding_row
from assay.export.visible import visible
from assay.model.report import Report, Severity

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~])")
_MAX_ROWS = 500


def encode(report: Report) -> bytes:
    """A count per severity, the findings (the worst 500), and what could not be judged."""
    lines = [f"## Assay: {_text(report.target.name)}", ""]
    if report.inventory.os:
        lines += [f"Operating system: {_text(report.inventory.os.name or report.inventory.os.id)}", ""]
    counts = severity_counts(report)
    lines += ["| " + " | ".join(name.capitalize() for name in counts) + " |", "|" + "---:|" * len(counts)]
    lines += ["| " + " | ".join(str(count) for count in counts.values()) + " |", ""]
    if report.findings:
        lines += ["| Severity | Id | Package | Installed | Fixed in | EPSS | Exploited | Path |"]
        lines += ["|---|---|---|---|---|---|---|---|"]
    for finding in report.findings[:_MAX_ROWS]:
        row = finding_row(finding)
        cells = (
            row.severity,
            row.id,
            row.name,
            row.version,
            row.fixed_in or f"no fix named ({row.status})",
            f"{row.epss.score:.3f}" if row.epss else "",
            "KEV" if row.kev else "exploit" if row.exploit else "",
            row.paths[0] if row.paths else "",
        )
        lines.append("| " + " | ".join(_text(cell) for cell in cells) + " |")
    if len(report.findings) > _MAX_ROWS:
        lines += ["", f"{len(report.findings) - _MAX_ROWS} more findings are not shown."]
    if not report.findings:
        lines.append("No vulnerabilities found.")
    lines += ["", *_gaps(report)]
    return "\n".join(lines).rstrip().encode("utf-8", "replace") + b"\n"


def severity_counts(report: Report) -> dict[str, int]:
    """Findings per severity, the worst first."""
    counts = {severity.value: 0 for severity in sorted(Severity, key=lambda item: -item.rank)}
    for finding in report.findings:
        counts[finding.score.severity.value] += 1
    return counts


def _gaps(report: Report) -> list[str]:
    lines = []
    if report.errors:
        lines += ["### Could not be read", ""]
        lines += [f"- {_text(error.path or error.extractor)}: {_text(error.message)}" for error in report.errors[:50]]
        lines.append("")
    if report.not_compared:
        lines.append(f"{len(report.not_compared)} components could not be compared with every advisory.")
    if report.set_aside:
        lines.append(f"{len(report.set_aside)} matches were set aside.")
    lines += [f"> {_text(notice)}" for notice in report.notices]
    return lines


def _text(value: str) -> str:
    return _SPECIAL.sub(r"\\\1", visible(" ".join(value.split())))
