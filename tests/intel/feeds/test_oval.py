from datetime import UTC, datetime

import pytest

from assay.errors import Unreadable
from assay.intel.azurelinux import AzureLinux
from assay.intel.feed import Covers, Ignored, Malformed
from assay.intel.mirror import FolderMirror
from assay.intel.oracle import OracleLinux
from assay.intel.oval import Branch, definitions, state_of
from assay.intel.oval_tests import PackageTest
from assay.intel.suse import Suse
from assay.model.advisory import Advisory, AffectedPackage, AffectedRange, Cvss, FixState, Reference

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
V31 = "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H"


def definition(identifier, title, criteria, *, platform="Oracle Linux 7", references="", extra=""):
    return f"""<definition id="{identifier}" class="patch"><metadata><title>
{title}
</title><affected family="unix"><platform>{platform}</platform></affected>{references}<description>Text.</description>
<advisory><severity>IMPORTANT</severity><issued date="2022-05-31"/><updated date="2022-06-01"/>{extra}</advisory>
</metadata>{criteria}</definition>"""


def oval(*parts, tests=""):
    return (
        '<oval_definitions xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5" '
        'xmlns:l="http://oval.mitre.org/XMLSchema/oval-definitions-5#linux"><definitions>'
        f"{''.join(parts)}</definitions>{tests}</oval_definitions>"
    )


def c(comment, ref="t:0"):
    return f'<criterion test_ref="{ref}" comment="{comment}"/>'


def all_of(*parts):
    return f'<criteria operator="AND">{"".join(parts)}</criteria>'


def any_of(*parts):
    return f'<criteria operator="OR">{"".join(parts)}</criteria>'


def build(name, version):
    return all_of(c(f"{name} is earlier than {version}"), c(f"{name} is signed with the Oracle Linux 7 key"))


ELSA = '<reference source="elsa" ref_id="ELSA-2022-4803" ref_url="http://linux.oracle.com/errata/ELSA-2022-4803.html"/>'
CVE = f'<cve cvss3="8.1/{V31}" href="https://x">CVE-2022-24903</cve>'


def oracle(folder, *criteria, **options):
    (folder / "all.xml").write_text(
        oval(*(definition(f"d:{n}", "ELSA-2022-4803: rsyslog update", one, references=ELSA, extra=CVE, **options)
               for n, one in enumerate(criteria)))
    )  # fmt: skip
    return list(OracleLinux().parse(folder))


def test_an_erratum_of_oracle(tmp_path):
    criteria = all_of(
        c("Oracle Linux 7 is installed"),
        any_of(*(all_of(c(f"Oracle Linux arch is {arch}"), any_of(build("rsyslog", "0:8.24-57.el7"), build("x", "1:2-3")))
                 for arch in ("aarch64", "x86_64"))),
    )  # fmt: skip
    advisory, covers = oracle(tmp_path, criteria)
    assert advisory == Advisory(
        id="ELSA-2022-4803",
        source="oracle",
        affected=(
            AffectedPackage("rpm", "ol:7", "rsyslog", (AffectedRange(fixed="8.24-57.el7"),), severity="IMPORTANT"),
            AffectedPackage("rpm", "ol:7", "x", (AffectedRange(fixed="1:2-3"),), severity="IMPORTANT"),
        ),
        cves=("CVE-2022-24903",),
        summary="rsyslog update",
        details="Text.",
        severity="IMPORTANT",
        cvss=(Cvss("3.1", V31, 8.1, "oracle"),),
        references=(Reference("http://linux.oracle.com/errata/ELSA-2022-4803.html"),),
        published=datetime(2022, 5, 31, tzinfo=UTC),
        modified=datetime(2022, 6, 1, tzinfo=UTC),
    )
    assert covers == Covers("ol:7")


def test_architectures_with_fixes_of_their_own_are_kept_apart(tmp_path):
    criteria = all_of(
        c("Oracle Linux 8 is installed"),
        any_of(
            all_of(c("Oracle Linux arch is aarch64"), any_of(build("a", "110-1.0.1.el8"), build("a", "110-1.el8"))),
            all_of(c("Oracle Linux arch is x86_64"), build("a", "111-1.el8")),
        ),
    )
    advisory, _ = oracle(tmp_path, criteria)
    assert isinstance(advisory, Advisory)
    assert [(p.arches, p.ranges[0].fixed) for p in advisory.affected] == [
        (("aarch64", "noarch"), "110-1.el8"), (("x86_64", "noarch"), "111-1.el8")
    ]  # fmt: skip


def test_special_builds_are_left_out_and_counted(tmp_path):
    criteria = all_of(
        c("Oracle Linux 8 is installed"),
        any_of(
            all_of(c("openssl is earlier than 2:1.1.1g-15.el8_3"), c("openssl is ksplice-based")),
            build("gnutls", "10:3.6.16-4.0.1.el8_fips"),
            all_of(c("Module nodejs:16 is enabled"), build("nodejs", "1:16-1")),
        ),
    )
    advisory, _, ignored = oracle(tmp_path, criteria)
    assert isinstance(advisory, Advisory)
    assert [(p.name, p.module) for p in advisory.affected] == [("nodejs", "nodejs:16")]
    assert isinstance(ignored, Ignored)
    assert ignored.count == 2


def test_a_kernel_is_compared_within_its_line(tmp_path):
    criteria = all_of(c("Oracle Linux 7 is installed"), build("kernel-uek", "5.4.17-2136.3.el7uek"))
    advisory, _ = oracle(tmp_path, criteria)
    assert isinstance(advisory, Advisory)
    assert advisory.affected[0].ranges == (AffectedRange("5.4.17-0", "5.4.17-2136.3.el7uek"),)


def test_a_definition_without_an_erratum_is_told(tmp_path):
    (tmp_path / "a.xml").write_text(oval(definition("d:1", "nothing", all_of(c("Oracle Linux 7 is installed")))))
    assert list(OracleLinux().parse(tmp_path)) == [Malformed("a.xml: d:1", "a definition without an erratum's id")]


def test_tests_are_read_where_comments_say_less(tmp_path):
    tests = (
        '<tests><l:rpminfo_test id="t:1"><l:object object_ref="o:1"/><l:state state_ref="s:1"/></l:rpminfo_test>'
        '<l:rpminfo_test id="t:2"><l:object object_ref="o:1"/><l:state state_ref="s:2"/></l:rpminfo_test>'
        '<l:rpminfo_test id="t:3"><l:object object_ref="o:1"/></l:rpminfo_test></tests>'
        '<objects><l:rpminfo_object id="o:1"><l:name>curl</l:name></l:rpminfo_object></objects>'
        '<states><l:rpminfo_state id="s:1"><l:evr operation="less than or equal">0:8.1-1.azl3</l:evr></l:rpminfo_state>'
        '<l:rpminfo_state id="s:2"><l:evr operation="equals">0:8.2-1</l:evr></l:rpminfo_state></states>'
    )
    criteria = any_of(c("", "t:1"), c("", "t:2"), c("", "t:3"), c("a strange thing", "t:9"))
    (tmp_path / "a.xml").write_text(oval(definition("d:1", "t", criteria), tests=tests))
    (found,) = definitions(tmp_path / "a.xml", "me")
    first, second = found.branches
    assert first == Branch("curl", (PackageTest("curl", "less_or_equal", "8.1-1.azl3"),))
    assert state_of(first) == (FixState.UNFIXED, (AffectedRange("0", None, "8.1-1.azl3"),))
    assert state_of(second) is None


def suse(folder, name, *parts):
    (folder / name).write_text(oval(*parts))


def test_products_of_suse_are_scopes(tmp_path):
    server, sap = (
        c("SUSE Linux Enterprise Server 15 SP4 is installed"),
        c("SUSE Linux Enterprise Server for SAP Applications 15 SP4 is installed"),
    )
    criteria = any_of(
        all_of(
            any_of(server, sap),
            any_of(c("curl-7.79.1-150400.5.32.1 is installed"), c("libcurl4-7.79.1-150400.5.32.1 is installed")),
        ),
        all_of(
            any_of(server), any_of(c("curl is not affected"), c("curl-mini is affected"), c("wget is not affected"))
        ),
        all_of(c("SUSE Linux Enterprise Server 15 SP1-LTSS is installed"), c("curl-7.60.0-1 is installed")),
    )
    links = '<reference source="SUSE-SU" ref_id="SUSE-SU-2023:4044-1" ref_url="https://lists.suse.com/1"/>'
    score = f'<cve impact="important" cvss3="8.1/{V31}">CVE-2023-38545 at SUSE</cve><cve cvss3="9.8/{V31}">CVE-2023-38545 at NVD</cve>'
    suse(tmp_path, "suse.linux.enterprise.server.15-affected.xml",
         definition("d:1", "CVE-2023-38545", criteria, platform="SUSE Linux Enterprise Server 15 SP4", references=links, extra=score),
         definition("d:2", "no id", criteria))  # fmt: skip
    suse(tmp_path, "opensuse.leap.15.5-affected.xml",
         definition("d:3", "CVE-2023-38545", any_of(c("curl-8.0.1-1 is installed")), platform="openSUSE Leap 15.5"))  # fmt: skip
    malformed, advisory, *covers = Suse().parse(tmp_path)
    assert isinstance(malformed, Malformed)
    assert isinstance(advisory, Advisory)
    assert (advisory.id, advisory.cves) == ("SUSE-CVE-2023-38545", ("CVE-2023-38545",))
    assert [(p.scope, p.name, p.state, p.ranges[0].fixed if p.ranges else None) for p in advisory.affected] == [
        ("opensuse-leap:15.5", "curl", FixState.FIXED, "8.0.1-1"),
        ("sles:15.4", "curl", FixState.FIXED, "7.79.1-150400.5.32.1"),
        ("sles:15.4", "libcurl4", FixState.FIXED, "7.79.1-150400.5.32.1"),
        ("sles:15.4", "curl-mini", FixState.UNFIXED, None),
        ("sles:15.4", "wget", FixState.NOT_AFFECTED, None),
        ("sles-ltss:15.1", "curl", FixState.FIXED, "7.60.0-1"),
    ]
    assert covers == [Covers("opensuse-leap:15.5"), Covers("sles-ltss:15.1"), Covers("sles:15.4")]


def test_scorings_of_suse_name_their_scorer(tmp_path):
    score = f'<cve cvss3="8.1/{V31}">CVE-2023-38545 at SUSE</cve><cve cvss3="x/{V31}">CVE-2023-38545 at NVD</cve>'
    suse(tmp_path, "a.xml", definition("d:1", "CVE-2023-38545", any_of(c("curl-8.0.1-1 is installed")), extra=score))
    (found,) = definitions(tmp_path / "a.xml", "suse")
    assert found.cvss == (Cvss("3.1", V31, 8.1, "suse"), Cvss("3.1", V31, 8.1, "NVD"))


def test_azure_linux_by_the_tag_of_the_version(tmp_path):
    text = oval(
        definition("oval:com.microsoft.azurelinux:def:39708", "CVE-2024-24258 affecting package freeglut",
                   all_of(c("Package freeglut is earlier than 3.4.0-1.azl3, affected by CVE-2024-24258")), platform="Azure Linux"),
        definition("oval:com.microsoft.cbl-mariner:def:13348", "CVE-2023-0687 affecting package glibc",
                   all_of(c("Package glibc is installed with version 2.35-4.cm2 or earlier")), platform="CBL-Mariner"),
        definition("oval:com.microsoft.cbl-mariner:def:44771", "CVE-2023-29404 affecting package golang",
                   all_of(c("Package golang is earlier than 1.20.7-1.cm2, affected by X"), c("Package golang is greater than 1.19.0.cm2, x"))),
        definition("oval:x:def:1", "CVE-2023-29404", all_of(c("Package x is earlier than 1.20"))),
    )  # fmt: skip
    (tmp_path / "a.xml").write_text(text)
    first, second, third, malformed, *covers = AzureLinux().parse(tmp_path)
    assert isinstance(first, Advisory)
    assert (first.id, first.cves) == ("AZL-39708", ("CVE-2024-24258",))
    assert first.affected == (
        AffectedPackage(
            "rpm",
            "azurelinux:3.0",
            "freeglut",
            (AffectedRange(fixed="3.4.0-1.azl3"),),
            severity="IMPORTANT",
            source=True,
        ),
    )
    assert isinstance(second, Advisory)
    assert (second.affected[0].scope, second.affected[0].state) == ("mariner:2.0", FixState.UNFIXED)
    assert second.affected[0].ranges == (AffectedRange("0", None, "2.35-4.cm2"),)
    assert isinstance(third, Advisory)
    assert third.affected[0].ranges == (AffectedRange("1.19.0.cm2", "1.20.7-1.cm2"),)
    assert isinstance(malformed, Malformed)
    assert covers == [Covers("azurelinux:3.0"), Covers("mariner:2.0")]


@pytest.mark.parametrize("feed", [OracleLinux(), Suse(), AzureLinux()])
def test_files_are_fetched_from_the_publisher_or_a_mirror(feed, tmp_path, site):
    from assay.errors import NotFound
    from assay.intel.transport import HttpTransport

    class Local:
        def get(self, url, into, /, *, validators, limit):
            here = site.address + "/" + url.rpartition("/")[2]
            return HttpTransport().get(here, into, validators=validators, limit=limit)

    with pytest.raises(NotFound):
        feed.fetch(Local(), tmp_path / "none", None, NOW)
    for name in (
        "com.oracle.elsa-all.xml.bz2",
        "suse.linux.enterprise.server.15-affected.xml.gz",
        "azurelinux-3.0-oval.xml",
    ):
        site.serve("/" + name, oval().encode())
    feed.fetch(Local(), tmp_path / "web", None, NOW)
    assert list(feed.parse(tmp_path / "web")) == []
    (tmp_path / "mirror" / feed.name).mkdir(parents=True)
    (tmp_path / "mirror" / feed.name / "some.xml").write_text("<broken")
    feed.fetch(FolderMirror(tmp_path / "mirror"), tmp_path / "folder", None, NOW)
    with pytest.raises(Unreadable):
        list(feed.parse(tmp_path / "folder"))
