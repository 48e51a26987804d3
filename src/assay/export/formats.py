"""The formats by name."""

from collections.abc import Callable, Mapping

from assay.model.report import Report


def _json(report: Report) -> bytes:
    from assay.export import document

    return document.encode(report)


def _csv(report: Report) -> bytes:
    from assay.export import csv

    return csv.encode(report)


def _sarif(report: Report) -> bytes:
    from assay.export import sarif

    return sarif.encode(report)


def _cyclonedx(report: Report) -> bytes:
    from assay.export import cyclonedx

    return cyclonedx.encode(report, vulnerabilities=report.intel is not None)


def _spdx(report: Report) -> bytes:
    from assay.export import spdx

    return spdx.encode(report)


def _html(report: Report) -> bytes:
    from assay.export import html

    return html.encode(report)


def _markdown(report: Report) -> bytes:
    from assay.export import markdown

    return markdown.encode(report)


FORMATS: Mapping[str, Callable[[Report], bytes]] = {
    "json": _json,
    "csv": _csv,
    "sarif": _sarif,
    "cyclonedx": _cyclonedx,
    "spdx": _spdx,
    "html": _html,
    "markdown": _markdown,
}
"""Encoders; the same report always gives the same bytes."""

INVENTORY_FORMATS = ("json", "cyclonedx", "spdx")
"""Formats that make sense for an inventory without findings."""
