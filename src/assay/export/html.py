"""A report as one self-contained HTML page: no script from elsewhere, nothing loaded, everything escaped."""

from html import escape

from assay import __version__
from assay.export.document import FindingRow, finding_row, set_aside_row
from assay.export.markdown import severity_counts
from assay.export.visible import visible
from assay.model.purl import purl_of
from assay.model.report import Report

_STYLE = """
:root{--ink:#16191f;--soft:#545b64;--line:#d5dbdb;--page:#fff;--panel:#f8f9fa;--critical:#870303;--high:#bf3312;
--medium:#b35900;--low:#6b6300;--informational:#3a6ea5;--untriaged:#545b64}
@media(prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#a3adb8;--line:#414d5c;--page:#0f1b2a;--panel:#182635;
--critical:#ff8a8a;--high:#ff9f7a;--medium:#ffbe70;--low:#e6dc6a;--informational:#8cbcf2;--untriaged:#a3adb8}}
*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);font:15px/1.45 system-ui,sans-serif}
main{max-width:82rem;margin:0 auto;padding:1.5rem}h1{font-size:1.5rem;margin:0 0 .2rem;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:2rem 0 .6rem}p,dl{color:var(--soft);margin:.2rem 0}
.counts{display:flex;flex-wrap:wrap;gap:.6rem;margin:1.2rem 0;padding:0;list-style:none}
.counts li{border:1px solid var(--line);border-radius:.5rem;padding:.5rem .9rem;background:var(--panel);min-width:7rem}
.counts b{display:block;font-size:1.5rem;font-variant-numeric:tabular-nums}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.45rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
th{font-weight:600;color:var(--soft);white-space:nowrap}td.id{white-space:nowrap}
td.path{overflow-wrap:anywhere;min-width:12rem}code{font:13px ui-monospace,monospace;overflow-wrap:anywhere}
.sev{font-weight:600}.CRITICAL{color:var(--critical)}.HIGH{color:var(--high)}.MEDIUM{color:var(--medium)}
.LOW{color:var(--low)}.INFORMATIONAL{color:var(--informational)}.UNTRIAGED{color:var(--untriaged)}
details summary{cursor:pointer;white-space:nowrap}td details[open]{min-width:22rem}
.note{border-left:3px solid var(--high);padding:.3rem .8rem;background:var(--panel)}
.tag{border:1px solid var(--line);border-radius:.3rem;padding:0 .35rem;font-size:.8rem;white-space:nowrap}
input{font:inherit;padding:.4rem .6rem;width:min(26rem,100%);border:1px solid var(--line);border-radius:.4rem;
background:var(--page);color:var(--ink)}
"""
_SCRIPT = """
const box=document.getElementById('filter');if(box){const rows=[...document.querySelectorAll('#findings tbody tr')];
const texts=rows.map(r=>r.textContent.toLowerCase());box.addEventListener('input',()=>{
const words=box.value.toLowerCase().split(/\\s+/).filter(Boolean);
rows.forEach((r,i)=>{r.hidden=!words.every(w=>texts[i].includes(w))})})}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def encode(report: Report) -> bytes:
    """The page, readable without script; the filter box needs it."""
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f"<title>Assay: {_text(report.target.name)}</title><style>{_STYLE}</style></head><body><main>",
        *_head(report),
        *_counts(report),
        *_findings(report),
        *_set_aside(report),
        *_gaps(report),
        *_packages(report),
        f"<p>Written by Assay {escape(__version__)}.</p></main><script>{_SCRIPT}</script></body></html>",
    ]
    return "\n".join(parts).encode("utf-8", "replace") + b"\n"


def _head(report: Report) -> list[str]:
    target, os = report.target, report.inventory.os
    facts = [target.kind, target.platform, target.digest, (os.name or f"{os.id} {os.version}") if os else ""]
    parts = [f"<h1>{_text(target.name)}</h1>", f"<p>{' · '.join(_text(fact) for fact in facts if fact)}</p>"]
    if report.intel:
        built = f", data of {report.intel.built_at:%Y-%m-%d}" if report.intel.built_at else ""
        parts.append(f"<p>Snapshot <code>{_text(report.intel.digest[:19])}</code>{built}</p>")
    if report.partial:
        parts.append('<p class="note">Part of the target could not be read: this answer is not complete.</p>')
    parts += [f'<p class="note">{_text(notice)}</p>' for notice in report.notices]
    return parts


def _counts(report: Report) -> list[str]:
    cells = [
        f'<li><b class="{name}">{count}</b>{name.capitalize()}</li>' for name, count in severity_counts(report).items()
    ]
    return ['<ul class="counts">', *cells, f"<li><b>{len(report.inventory.packages)}</b>Packages</li></ul>"]


def _findings(report: Report) -> list[str]:
    if not report.findings:
        return ["<h2>Findings</h2><p>No vulnerabilities found.</p>"]
    heads = "".join(
        f"<th>{name}</th>"
        for name in ("Severity", "Score", "Id", "Package", "Installed", "Fixed in", "Exploit", "Where", "Why")
    )
    return [
        "<h2>Findings</h2>",
        '<p><input id="filter" type="search" placeholder="Filter findings" aria-label="Filter findings"></p>',
        f'<div class="wide"><table id="findings"><thead><tr>{heads}</tr></thead><tbody>',
        *(_finding(finding_row(finding)) for finding in report.findings),
        "</tbody></table></div>",
    ]


def _finding(row: FindingRow) -> str:
    tags = []
    if row.kev:
        tags.append('<span class="tag">KEV</span>')
    if row.exploit:
        tags.append('<span class="tag">public exploit</span>')
    if row.epss:
        tags.append(f'<span class="tag">EPSS {row.epss.score:.3f}</span>')
    why = [*row.explanation, *(f"{e.advisory} ({e.source}): {e.compared} {e.affected}" for e in row.evidence)]
    title = f"<br>{_text(row.title)}" if row.title else ""
    fix = _text(row.fixed_in) if row.fixed_in else f"no fix named ({_text(row.status)})"
    score = "" if row.score is None else f"{row.score:.1f}"
    return (
        f'<tr><td class="sev {row.severity}">{row.severity.capitalize()}</td><td>{score}</td>'
        f'<td class="id">{_text(row.id)}</td><td>{_text(row.name)}{title}</td>'
        f"<td><code>{_text(row.version)}</code></td>"
        f"<td><code>{fix}</code></td><td>{' '.join(tags)}</td>"
        f'<td class="path"><code>{"<br>".join(_text(path) for path in row.paths[:5])}</code></td>'
        f"<td><details><summary>Evidence</summary>{'<br>'.join(_text(line) for line in why)}</details></td></tr>"
    )


def _set_aside(report: Report) -> list[str]:
    if not report.set_aside:
        return []
    rows = [set_aside_row(item) for item in report.set_aside]
    cells = [
        f'<tr><td class="id">{_text(row.id)}</td><td><code>{_text(row.purl)}</code></td><td>{_text(row.reason)}</td>'
        f"<td>{_text(row.detail)}</td></tr>"
        for row in rows
    ]
    return [
        f"<h2>Set aside</h2><details><summary>{len(rows)} matches</summary>",
        '<div class="wide"><table>',
        "<thead><tr><th>Id</th><th>Package</th><th>Reason</th><th>Detail</th></tr></thead><tbody>",
        *cells,
        "</tbody></table></div></details>",
    ]


def _gaps(report: Report) -> list[str]:
    lines = [f"<li><code>{_text(e.path or e.extractor)}</code>: {_text(e.message)}</li>" for e in report.errors]
    lines += [
        f"<li><code>{_text(purl_of(gap.component))}</code>: {_text(gap.reason)}</li>" for gap in report.not_compared
    ]
    if not lines:
        return []
    return [
        f"<h2>Not judged</h2><details><summary>{len(lines)} places</summary><ul>",
        *lines,
        "</ul></details>",
    ]


def _packages(report: Report) -> list[str]:
    purls = sorted({purl_of(package.component) for package in report.inventory.packages})
    return [
        f"<h2>Packages</h2><details><summary>{len(purls)} distinct packages</summary><ul>",
        *(f"<li><code>{_text(purl)}</code></li>" for purl in purls),
        "</ul></details>",
    ]


def _text(value: str) -> str:
    return escape(visible(value), quote=True)
