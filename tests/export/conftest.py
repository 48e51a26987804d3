"""A report with everything in it, nasty text included."""

from datetime import UTC, date, datetime

import pytest

from assay.model.advisory import Cvss, Epss, Exploit, FixState, Kev, Reference, Vulnerability
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem
from assay.model.inventory import ExtractError, Inventory, OperatingSystem
from assay.model.match import Evidence, Match, NotCompared, Reason, SetAside
from assay.model.report import Finding, IntelSource, IntelStatus, Report, Score, Severity, Target

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def report() -> Report:
    openssl = Component(
        Ecosystem.DEB, "libssl3", "3.0.1-1", "debian:12", "amd64", source_name="openssl", source_version="3.0.1-1"
    )
    scoped = Component(Ecosystem.NPM, "@babel/core", "7.8.0")
    jar = Component(Ecosystem.MAVEN, "org.example:=cmd|' /C calc'!A0", "1.0 <b>&")
    places = (
        Package(openssl, "var/lib/dpkg/status", "sha256:aa", extractor="dpkg"),
        Package(scoped, "app/node_modules/@babel/core/package.json", "sha256:bb", licenses=("MIT",), dev=True),
        Package(scoped, "srv/node_modules/@babel/core/package.json", "sha256:bb"),
        Package(jar, "opt/a|b<script>.jar!/x y.jar", owner="libexample-java", licenses=("Apache License, 2.0",)),
        Package(Component(Ecosystem.GOLANG, "stdlib", "1.21.3"), ""),
    )
    cve = Vulnerability(
        "CVE-2023-0286",
        aliases=("GHSA-x4qr-2fvf-3mr5",),
        summary="X.400 address type confusion",
        details="A type confusion\nwith | pipes and <tags> and *stars*.",
        cvss=(
            Cvss("3.1", "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:N/A:H", 7.4, "NVD"),
            Cvss("2.0", "AV:N/AC:M/Au:N/C:N/I:N/A:P", 4.3, "NVD"),
        ),
        cwes=("CWE-843", "NVD-CWE-Other"),
        references=(Reference("https://www.openssl.org/news/secadv/20230207.txt"), Reference("not a url")),
        published=NOON,
        modified=NOON,
        epss=Epss(0.5, 0.97, date(2026, 2, 28)),
        kev=Kev(date(2023, 2, 10), date(2023, 3, 1)),
        exploits=(Exploit("exploit-db", "https://www.exploit-db.com/exploits/1"),),
    )
    evidence = Evidence("DSA-5343-1", "osv-debian", "debian:12", "openssl", "3.0.1-1", ">= 0, < 3.0.8-1", "https://x.y")
    scored = Score(
        Severity.HIGH, 7.4, "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:N/A:H", "3.1", "NVD", (("base", "NVD scored 7.4"),)
    )
    findings = (
        Finding(
            "CVE-2023-0286", openssl, places[:1], FixState.FIXED, "3.0.8-1", scored, (evidence,), cve, "high", "debian"
        ),
        Finding("CVE-2023-0286", scoped, places[1:3], FixState.UNFIXED, "", scored, (evidence,), cve),
        Finding(
            "GHSA-aaaa-bbbb-cccc",
            jar,
            places[3:4],
            FixState.WILL_NOT_FIX,
            "",
            Score(Severity.UNTRIAGED),
            (),
            Vulnerability("GHSA-aaaa-bbbb-cccc"),
        ),
    )
    match = Match("CVE-2020-1", jar, places[3:4], FixState.FIXED, "2", (evidence,))
    errors = (ExtractError("jar", "opt/bad.jar", "breaks | off", "sha256:bb"),)
    return Report(
        target=Target("image", "example.com/app:1", "sha256:dd", ("example.com/app:1",), "linux/amd64", ("sha256:aa",)),
        inventory=Inventory(
            OperatingSystem("debian", "12", "Debian GNU/Linux 12", "debian:12"),
            places,
            errors,
            {"dpkg": 1},
            "sha256:ee",
        ),
        findings=findings,
        set_aside=(SetAside(match, Reason.IGNORED, "accepted by ops", date(2027, 1, 1)),),
        not_compared=(NotCompared(places[4].component, "", "version cannot be ordered"),),
        errors=errors,
        notices=("the VEX statement on CVE-1 matched nothing",),
        intel=IntelStatus("sha256:ff", NOON, (IntelSource("osv-debian", "ok", NOON, NOON, 10),)),
        generated_at=NOON,
    )
