"""Findings as CSV (RFC 4180), one row per finding, for spreadsheets."""

import csv
import io
import re

from assay.export.document import finding_row
from assay.export.visible import visible
from assay.model.report import Report

COLUMNS = (
    "id severity score package version fixed_in status purl paths layer epss kev exploit vendor_severity cwes "
    "published title aliases advisories"
).split()

_FORMULA = re.compile(r"[=+\-@\t\r]")
_NPM_SCOPE = re.compile(r"@[\w.~-]+/[\w.~-]+\Z")


def encode(report: Report) -> bytes:
    """All findings; cells that a spreadsheet would take for a formula get a leading apostrophe."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for finding in report.findings:
        row = finding_row(finding)
        cells = (
            row.id,
            row.severity,
            "" if row.score is None else f"{row.score:.1f}",
            row.name,
            row.version,
            row.fixed_in or "",
            row.status,
            row.purl,
            "; ".join(row.paths),
            row.layer or "",
            f"{row.epss.score:.5f}" if row.epss else "",
            row.kev.added.isoformat() if row.kev else "",
            "yes" if row.exploit else "no",
            row.vendor_severity or "",
            "; ".join(row.cwes),
            row.published.date().isoformat() if row.published else "",
            row.title,
            "; ".join(row.aliases),
            "; ".join(item.advisory for item in row.evidence),
        )
        writer.writerow([_harmless(cell) for cell in cells])
    return text.getvalue().encode("utf-8", "replace")


def _harmless(cell: str) -> str:
    if _FORMULA.match(cell) and not _NPM_SCOPE.match(cell):
        return "'" + visible(cell)
    return visible(cell)
