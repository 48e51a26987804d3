"""What does not count and why: files that an OS package owns, kernels, module streams."""

import pytest
from matching_world import MemoryIndex, apk, at, deb, inventory, pypi, rpm, statement

from assay.match.find import find_matches
from assay.match.kernel import idle_kernels, is_companion, is_image, runs
from assay.model.advisory import FixState
from assay.model.candidate import Candidate
from assay.model.component import Component
from assay.model.ecosystem import Ecosystem
from assay.model.match import Matches, Reason

REQUESTS = pypi("requests", "2.28.1")
SITE = "usr/lib/python3/dist-packages/requests-2.28.1.egg-info/PKG-INFO"
GHSA = statement("GHSA-j8r2-6x86-q33q", "pypi", "requests", "< 2.31.0", cves=["CVE-2023-32681"])


def owned(*vendor: Candidate, version: str = "2.28.1+dfsg-1") -> Matches:
    """Requests 2.28.1 inside Debian's package, and what the vendor says about that."""
    owner = deb("python3-requests", version, source="requests")
    return find_matches(inventory(owner, at(REQUESTS, SITE, owner="python3-requests")), MemoryIndex([GHSA, *vendor]))


def test_an_owned_package_that_the_vendor_fixed_is_set_aside_with_the_vendors_fact() -> None:
    result = owned(statement("DSA-9-1", "debian:12", "requests", "< 2.28.1+dfsg-1", cves=["CVE-2023-32681"]))
    assert result.matches == ()
    (item,) = result.set_aside
    assert (item.reason, item.match.component, item.match.fixed_in) == (Reason.OWNED, REQUESTS, "2.31.0")
    assert item.detail == (
        f"{SITE} belongs to python3-requests 2.28.1+dfsg-1, which is not affected: DSA-9-1 (osv-debian, debian:12) "
        "has >= 0, < 2.28.1+dfsg-1 affected, which 2.28.1+dfsg-1 is not"
    )


def test_an_owned_package_that_the_vendor_states_not_affected_is_set_aside() -> None:
    denial = statement("CVE-2023-32681", "debian:12", "requests", state=FixState.NOT_AFFECTED)
    (item,) = owned(denial).set_aside
    assert item.reason is Reason.OWNED
    assert item.detail.endswith("CVE-2023-32681 (osv-debian, debian:12) states that requests is not affected")


def test_when_the_vendor_says_affected_its_finding_stands_and_the_double_is_set_aside() -> None:
    claim = statement("DLA-9-1", "debian:12", "requests", "all", cves=["CVE-2023-32681"], state=FixState.UNFIXED)
    result = owned(claim)
    assert [match.component.name for match in result.matches] == ["python3-requests"]
    (item,) = result.set_aside
    assert item.reason is Reason.OWNED
    assert "which is affected itself: DLA-9-1 (osv-debian, debian:12) has >= 0 affected" in item.detail


@pytest.mark.parametrize(
    "vendor",
    [
        [],
        [statement("DSA-8-1", "debian:12", "requests", "< 9", cves=["CVE-2018-18074"])],
        [statement("DSA-9-1", "debian:11", "requests", "< 2.28", cves=["CVE-2023-32681"])],
        [statement("CVE-2023-32681", "debian:12", "requests", "all", state=FixState.UNDETERMINED)],
        [statement("CVE-2023-32681", "debian:12", "urllib3", "< 9")],
    ],
    ids=["nothing", "another flaw", "another release", "undetermined", "another package"],
)
def test_what_the_vendor_has_never_assessed_stays_a_finding_of_the_language_package(vendor: list[Candidate]) -> None:
    result = owned(*vendor)
    assert (REQUESTS, "CVE-2023-32681") in [(match.component, match.vulnerability) for match in result.matches]
    assert result.set_aside == ()


def test_only_the_owned_places_of_a_package_are_set_aside() -> None:
    owner = deb("python3-requests", "2.28.1+dfsg-1", source="requests")
    fixed = statement("DSA-9-1", "debian:12", "requests", "< 2.28.1+dfsg-1", cves=["CVE-2023-32681"])
    mine = at(REQUESTS, "app/venv/requests/METADATA")
    theirs = at(REQUESTS, SITE, owner="python3-requests")
    result = find_matches(inventory(owner, mine, theirs), MemoryIndex([GHSA, fixed]))
    assert [match.packages for match in result.matches] == [(mine,)]
    assert [item.match.packages for item in result.set_aside] == [(theirs,)]


def test_an_owner_that_is_not_installed_owns_nothing() -> None:
    result = find_matches(inventory(at(REQUESTS, SITE, owner="python3-requests")), MemoryIndex([GHSA]))
    assert len(result.matches) == 1


@pytest.mark.parametrize(
    ("owner", "fact"),
    [
        (
            rpm("python3-requests", "2.25.1-8.el9", source="python-requests"),
            statement("ALSA-9", "almalinux:9", "python3-requests", "< 2.25.1-8.el9", cves=["CVE-2023-32681"]),
        ),
        (
            rpm("python3-requests", "2.25.1-8.el9", source="python-requests"),
            statement("RLSA-9", "almalinux:9", "python-requests", "< 2.25.1-8.el9", cves=["CVE-2023-32681"], of_source=True),
        ),
        (
            apk("py3-requests", "2.28.1-r1"),
            statement("CVE-2023-32681", "alpine:3.18", "py3-requests", "< 2.28.1-r1"),
        ),
    ],
    ids=["rpm by binary", "rpm by source", "apk"],
)  # fmt: skip
def test_ownership_works_for_every_family_of_packages(owner: Component, fact: Candidate) -> None:
    items = inventory(owner, at(REQUESTS, SITE, owner=owner.name), os=owner.scope)
    assert [item.reason for item in find_matches(items, MemoryIndex([GHSA, fact])).set_aside] == [Reason.OWNED]
    assert len(find_matches(items, MemoryIndex([GHSA])).matches) == 1


IMAGE = "linux-image-6.1.0-18-amd64"


def kernel(name: str, version: str = "6.1.76-1", source: str = "linux") -> Component:
    return deb(name, version, source=source)


def test_a_signed_kernel_is_judged_by_the_source_it_is_signed_from() -> None:
    index = MemoryIndex([statement("CVE-2024-1", "debian:12", "linux", "< 6.1.82-1")])
    signed = deb(IMAGE, "6.1.76-1", source="linux-signed-amd64", source_version="6.1.76+1")
    backport = deb(IMAGE, "6.1.76-1~bpo11+1", source="linux-signed-6.1-amd64", source_version="6.1.76+1~bpo11+1")
    index.candidates.append(statement("CVE-2024-2", "debian:12", "linux-6.1", "< 6.1.82-1"))
    result = find_matches(inventory(signed, backport), index)
    assert [(match.component, match.vulnerability) for match in result.matches] == [
        (signed, "CVE-2024-1"),
        (backport, "CVE-2024-2"),
    ]
    assert result.matches[0].evidence[0].compared == "6.1.76-1"


@pytest.mark.parametrize(("source", "tracked"), [("linux-signed", "linux"), ("linux-signed-aws", "linux-aws")])
def test_ubuntus_signed_kernels_have_the_version_of_their_source(source: str, tracked: str) -> None:
    index = MemoryIndex([statement("CVE-2024-1", "ubuntu:22.04", tracked, "< 5.15.0-99.109")])
    image = deb("linux-image-5.15.0-91-generic", "1", "ubuntu:22.04", source, "5.15.0-91.101")
    assert len(find_matches(inventory(image, os="ubuntu:22.04"), index).matches) == 1


def test_packages_of_the_kernels_source_that_are_no_kernel_are_set_aside() -> None:
    index = MemoryIndex([statement("CVE-2024-1", "debian:12", "linux", "all")])
    names = [
        "linux-libc-dev",
        "linux-headers-6.1.0-18-amd64",
        "linux-kbuild-6.1",
        "bpftool",
        "linux-image-amd64",
        IMAGE,
    ]
    result = find_matches(inventory(*map(kernel, names)), index)
    assert [match.component.name for match in result.matches] == [IMAGE]
    assert {item.reason for item in result.set_aside} == {Reason.KERNEL_COMPANION}
    assert result.set_aside[0].detail == "bpftool is built from linux but holds no kernel code"


KERNELS = {
    Ecosystem.DEB: [
        "linux-image-6.1.0-18-amd64",
        "linux-image-6.1.0-18-amd64-unsigned",
        "linux-image-unsigned-5.15.0-91-generic",
        "linux-modules-5.15.0-91-generic",
        "linux-modules-extra-5.15.0-91-generic",
    ],
    Ecosystem.RPM: [
        "kernel",
        "kernel-core",
        "kernel-modules-extra",
        "kernel-uek",
        "kernel-default",
        "kernel-64k-core",
        "kernel6.12",
        "linux-secure",
    ],
    Ecosystem.APK: ["linux-lts", "linux-virt"],
}
COMPANIONS = {
    Ecosystem.DEB: [
        "linux-libc-dev",
        "linux-headers-6.1.0-18-common",
        "linux-doc-6.1",
        "linux-tools-5.15.0-91-generic",
        "linux-perf",
        "linux-cpupower",
        "linux-image-generic",
        "usbip",
    ],
    Ecosystem.RPM: [
        "kernel-headers",
        "kernel-devel",
        "kernel-tools-libs",
        "kernel-uek-devel",
        "kernel-srpm-macros",
        "kernel-debuginfo-common-x86_64",
        "kernel-abi-stablelists",
        "kernel-default-devel",
        "perf",
        "python3-perf",
        "bpftool",
        "rtla",
    ],
    Ecosystem.APK: ["linux-lts-dev", "linux-lts-doc"],
}
SOURCES = {Ecosystem.DEB: "linux", Ecosystem.RPM: "kernel", Ecosystem.APK: "linux-lts"}


@pytest.mark.parametrize("ecosystem", SOURCES)
def test_kernels_are_told_from_their_companions_by_name(ecosystem: Ecosystem) -> None:
    def built(name: str) -> Component:
        return Component(ecosystem, name, "6.1", source_name=SOURCES[ecosystem])

    assert [name for name in KERNELS[ecosystem] if not is_image(built(name))] == []
    assert [name for name in COMPANIONS[ecosystem] if not is_companion(built(name))] == []


@pytest.mark.parametrize(
    "name",
    [
        "linux-firmware",
        "linux-firmware-raspi2",
        "linux-firmware-whence",
        "linux-base",
        "linux-pam",
        "linuxptp",
        "kernelshark",
        "openssl",
    ],
)
def test_what_only_sounds_like_a_kernel_is_neither(name: str) -> None:
    component = deb(name, "1")
    assert not is_image(component)
    assert not is_companion(component)
    assert not is_image(pypi("linux", "1"))


@pytest.mark.parametrize(
    ("component", "running", "expected"),
    [
        (kernel(IMAGE), "6.1.0-18-amd64", True),
        (kernel(IMAGE + "-unsigned"), "6.1.0-18-amd64", True),
        (kernel("linux-image-6.1.0-18-rt-amd64"), "6.1.0-18-amd64", False),
        (kernel(IMAGE), "6.1.0-21-amd64", False),
        (rpm("kernel-core", "5.14.0-362.8.1.el9_3"), "5.14.0-362.8.1.el9_3.x86_64", True),
        (rpm("kernel-core", "0:5.14.0-362.8.1.el9_3"), "5.14.0-362.8.1.el9_3.x86_64+debug", True),
        (rpm("kernel-core", "5.14.0-362.8.1.el9"), "5.14.0-362.8.1.el9_3.x86_64", False),
        (rpm("kernel-core", "5.14.0-362.8.1.el9"), "5.14.0-362.8.1.el97.x86_64", False),
        (rpm("kernel-core", "5.14.0-70.el9"), "5.14.0-362.8.1.el9_3.x86_64", False),
        (rpm("linux", "6.1.10-11.ph5", "photon:5.0"), "6.1.10-11.ph5", True),
        (rpm("kernel-default", "5.14.21-150500.55.39.1", "sles:15.5"), "5.14.21-150500.55.39-default", True),
        (rpm("kernel-default", "5.14.21-150500.55.36.1", "sles:15.5"), "5.14.21-150500.55.39-default", False),
        (rpm("kernel-core", ""), "5.14.0", False),
        (apk("linux-lts", "6.6.14-r0"), "6.6.14-0-lts", True),
        (apk("linux-virt", "6.6.14-r0"), "6.6.14-0-lts", False),
    ],
)
def test_the_running_kernel_is_told_by_what_uname_prints(component: Component, running: str, expected: bool) -> None:
    assert runs(component, running) is expected


def test_kernels_that_do_not_run_are_set_aside_on_a_host() -> None:
    index = MemoryIndex([statement("CVE-2024-1", "debian:12", "linux", "< 6.1.82-1")])
    old, current = kernel(IMAGE), kernel("linux-image-6.1.0-17-amd64", "6.1.69-1")
    result = find_matches(inventory(old, current, running="6.1.0-17-amd64"), index)
    assert [match.component for match in result.matches] == [current]
    assert [(item.match.component, item.reason, item.detail) for item in result.set_aside] == [
        (old, Reason.NOT_RUNNING_KERNEL, "the running kernel is 6.1.0-17-amd64")
    ]


def test_no_kernel_is_idle_when_the_running_one_is_not_among_the_installed() -> None:
    index = MemoryIndex([statement("CVE-2024-1", "debian:12", "linux", "all")])
    result = find_matches(inventory(kernel(IMAGE), running="6.9.0-1-cloud"), index)
    assert len(result.matches) == 1
    assert result.notices == ("the running kernel 6.9.0-1-cloud is none of the installed ones: all of them are judged",)
    assert idle_kernels([], "6.9") == (frozenset(), False)


NODE = "1:16.20.2-1.module_el9.2.0+1+abc"


def modular(version: str, module: str, *statements: Candidate) -> Matches:
    component = rpm("nodejs", version, module=module)
    return find_matches(inventory(component, os="almalinux:9"), MemoryIndex(list(statements)))


def node(fixed: str, module: str = "", cve: str = "CVE-2023-1") -> Candidate:
    return statement(f"ALSA-{fixed}", "almalinux:9", "nodejs", f"< {fixed}", cves=[cve], module=module)


def test_a_fix_in_the_same_stream_counts_whatever_the_build_context() -> None:
    result = modular(NODE, "nodejs:16:9020020230101:rhel9", node("1:16.20.3-1.module_el9.3.0+9+def", "nodejs:16"))
    assert [match.fixed_in for match in result.matches] == ["1:16.20.3-1.module_el9.3.0+9+def"]


def test_a_fix_in_another_stream_is_set_aside() -> None:
    result = modular(NODE, "nodejs:16", node("1:18.18.2-1.module_el9.2.0+1+abc", "nodejs:18"))
    assert result.matches == ()
    (item,) = result.set_aside
    assert item.reason is Reason.MODULE_STREAM
    assert item.match.evidence[0].affected == ">= 0, < 1:18.18.2-1.module_el9.2.0+1+abc"
    assert item.detail.endswith("(the statement is about module nodejs:18, installed is module nodejs:16)")


def test_a_stream_that_fixes_a_flaw_is_not_troubled_by_the_fix_of_a_later_stream() -> None:
    result = modular(
        NODE,
        "nodejs:16",
        node("1:16.20.2-1.module_el9.2.0+1+abc", "nodejs:16"),
        node("1:18.1-1.module_el9", "nodejs:18"),
    )
    assert result.matches == ()
    assert [item.reason for item in result.set_aside] == [Reason.MODULE_STREAM]


def test_another_stream_below_the_installed_version_is_no_match_at_all() -> None:
    assert modular(NODE, "nodejs:16", node("1:14.1-1.module_el9", "nodejs:14")) == Matches(())


@pytest.mark.parametrize(
    ("version", "module", "fixed", "stream", "detail"),
    [
        ("1:16.1-1.el9", "", "1:18.1-1.module_el9", "nodejs:18", "the package outside modules"),
        (NODE, "nodejs:16", "1:17.1-1.el9", "", "about the package outside modules, installed is module nodejs:16"),
        (NODE, "", "1:17.1-1.el9", "", "installed is a module build without a stated stream"),
        (NODE, "nodejs:16", "1:18.1-1.module_el9", "", "of version line 18, installed is 1:16.20.2"),
    ],
)
def test_builds_inside_and_outside_modules_do_not_meet(
    version: str, module: str, fixed: str, stream: str, detail: str
) -> None:
    (item,) = modular(version, module, node(fixed, stream)).set_aside
    assert item.reason is Reason.MODULE_STREAM
    assert detail in item.detail


def test_a_module_build_without_a_stream_in_the_statement_is_told_by_its_version_line() -> None:
    assert len(modular(NODE, "nodejs:16", node("1:16.21.0-1.module_el9")).matches) == 1
    assert len(modular(NODE, "", node("1:16.21.0-1.module_el9")).matches) == 1


def test_an_unknown_stream_of_the_installed_build_is_a_gap() -> None:
    (gap,) = modular(NODE, "", node("1:16.21.0-1.module_el9", "nodejs:16")).not_compared
    assert gap.reason == "the statement is about module nodejs:16, and the stream of the installed build is not known"


def test_a_denial_for_another_stream_denies_nothing() -> None:
    denial = statement("CVE-2023-1", "almalinux:9", "nodejs", module="nodejs:18", state=FixState.NOT_AFFECTED)
    result = modular(NODE, "nodejs:16", denial, node("1:16.21.0-1.module_el9", "nodejs:16"))
    assert len(result.matches) == 1
    assert modular(NODE, "nodejs:16", denial) == Matches(())
