"""A report for people: what was scanned, what is wrong with it, what could not be judged."""

import io
import os
import shutil

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assay.export.document import finding_row
from assay.export.markdown import severity_counts
from assay.export.visible import visible
from assay.model.report import Report, Severity

_STYLE = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "blue",
    Severity.INFORMATIONAL: "dim",
    Severity.UNTRIAGED: "dim",
}
_SHOWN_ERRORS = 10
_PATH_COLUMNS = 44
_NO_TERMINAL = (140, 24)


def render(report: Report, *, colour: bool) -> str:
    """The text, as wide as the terminal (140 columns where there is none)."""
    text = io.StringIO()
    width = max(shutil.get_terminal_size(_NO_TERMINAL).columns, 80)
    console = Console(
        file=text, width=width, force_terminal=colour, no_color="NO_COLOR" in os.environ or not colour, highlight=False
    )
    _head(console, report)
    if report.intel is None:
        _packages(console, report)
    else:
        _findings(console, report)
    _gaps(console, report)
    return text.getvalue()


def _head(console: Console, report: Report) -> None:
    os_ = report.inventory.os
    facts = [report.target.platform, (os_.name or f"{os_.id} {os_.version}") if os_ else ""]
    distinct = len({package.component for package in report.inventory.packages})
    facts.append(f"{distinct} packages")
    console.print(f"[bold]{_text(report.target.name)}[/]  {_text(' · '.join(fact for fact in facts if fact))}")


def _findings(console: Console, report: Report) -> None:
    if not report.findings:
        console.print("No vulnerabilities found.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    for name in ("Severity", "Score", "Id", "Package", "Installed", "Fixed in", "Notes"):
        table.add_column(name, overflow="fold", no_wrap=name in ("Severity", "Score", "Id"))
    for finding in report.findings:
        row = finding_row(finding)
        notes = [
            "KEV" if row.kev else "",
            "exploit" if row.exploit else "",
            f"EPSS {row.epss.score:.2f}" if row.epss else "",
            _short(row.paths[0]) if row.paths and not finding.component.ecosystem.is_os else "",
        ]
        table.add_row(
            f"[{_STYLE[finding.score.severity]}]{row.severity.capitalize()}[/]",
            "" if row.score is None else f"{row.score:.1f}",
            _text(row.id),
            _text(row.name),
            _text(row.version),
            _text(row.fixed_in or f"({row.status.replace('_', ' ')})"),
            _text(" ".join(note for note in notes if note)),
        )
    console.print(table)
    counts = [f"{count} {name.lower()}" for name, count in severity_counts(report).items() if count]
    console.print(f"[bold]{len(report.findings)} findings[/]: {', '.join(counts)}")


def _short(path: str) -> str:
    """The end of a path, from a name boundary, in at most the columns a table has to spare."""
    if len(path) <= _PATH_COLUMNS:
        return path
    tail = path[-_PATH_COLUMNS + 2 :]
    return "…/" + (tail.partition("/")[2] or tail)


def _packages(console: Console, report: Report) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    for name in ("Package", "Version", "Type", "Where"):
        table.add_column(name, overflow="fold")
    seen = set()
    for package in report.inventory.packages:
        component = package.component
        if component not in seen:
            seen.add(component)
            cells = (component.name, component.version, component.ecosystem.value, package.path)
            table.add_row(*(_text(cell) for cell in cells))
    console.print(table)


def _gaps(console: Console, report: Report) -> None:
    if report.set_aside:
        reasons: dict[str, int] = {}
        for item in report.set_aside:
            reasons[item.reason.value] = reasons.get(item.reason.value, 0) + 1
        told = ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in sorted(reasons.items()))
        console.print(f"{len(report.set_aside)} matches set aside: {told}")
    whole = [gap for gap in report.not_compared if not gap.advisory]
    if whole:
        texts = sorted({gap.reason for gap in whole})
        console.print(f"[yellow]{len(whole)} packages could not be judged[/]: {_text('; '.join(texts[:3]))}")
    partly = {gap.component for gap in report.not_compared if gap.advisory}
    if partly:
        console.print(f"[yellow]{len(partly)} packages were not compared with every advisory[/] (see --format json)")
    for error in report.errors[:_SHOWN_ERRORS]:
        console.print(f"[yellow]not read[/] {_text(error.path or error.extractor)}: {_text(error.message)}")
    if len(report.errors) > _SHOWN_ERRORS:
        console.print(f"[yellow]and {len(report.errors) - _SHOWN_ERRORS} more[/] (all are in --format json)")
    for notice in report.notices:
        console.print(f"[yellow]note[/] {_text(notice)}")


def _text(value: str) -> str:
    """Foreign text as rich prints it literally: neither markup nor control characters."""
    return escape(visible(value))
