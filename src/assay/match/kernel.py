"""Kernels: which packages are one, which only come from its source, and which one runs.

A kernel's source package builds headers, documentation and tools besides the kernel, and the vendor's statement on the
source speaks of the kernel. Package names: https://packages.debian.org/source/stable/linux,
https://kernel.ubuntu.com/reference/, the kernel spec files of Red Hat, Oracle, Amazon and SUSE.
"""

import re
from collections.abc import Iterable

from assay.model.component import Component
from assay.model.ecosystem import Ecosystem

_SOURCE = re.compile(r"(?:linux|kernel)(?:-[a-z0-9.+-]+|[0-9][0-9.]*)?\Z")
_NO_KERNEL_SOURCE = frozenset(
    "linux-atm linux-base linux-firmware linux-firmware-raspi linux-firmware-raspi2 "
    "linux-firmware-whence linux-ftpd linux-ftpd-ssl linux-igd linux-minidisc "
    "linux-wlan-ng linux-user-chroot linux-show-player linux-apfs-rw linux-pam linux-sysctl-defaults "
    "linux-system-roles linux-container kernel-wedge kernel-handbook kernel-firmware kernel-package".split()
)
_DEB_IMAGE = re.compile(r"linux-(?:signed-)?(?:image|modules|binary)(?:-[a-z0-9]+)*-\d+\.")
_NO_KERNEL_PART = frozenset(
    "abi buildinfo config debuginfo debugsource dev devel doc docs headers kbuild libc libs lockdep macros obs "
    "perf selftests source srpm support syms tools".split()
)
_DEB_SIGNED = re.compile(r"linux-signed((?:-\d+\.\d+)?)-(?:amd64|arm64|i386|armhf|ppc64el|s390x|riscv64)\Z")
_SUSE = ("sles", "opensuse", "suse")


def unsigned_source(component: Component) -> tuple[str, str] | None:
    """Source name and version under which the vendor tracks a signed kernel; None for all other packages.

    The images of Debian and Ubuntu are built from a source of their own that only adds the signature. Debian gives it
    a version of its own (``6.1.76+1``) and the binary that of ``linux`` (``6.1.76-1``); Ubuntu's versions are equal.
    """
    name = component.source_name
    if component.ecosystem is not Ecosystem.DEB or not name.startswith("linux-signed"):
        return None
    debian = _DEB_SIGNED.match(name)
    if debian:
        return f"linux{debian[1]}", component.version
    return f"linux{name.removeprefix('linux-signed')}", component.source_version or component.version


def is_from_kernel_source(component: Component) -> bool:
    """Whether an operating system package is built from a kernel's source package."""
    source = component.source_name or component.name
    return component.ecosystem.is_os and bool(_SOURCE.match(source)) and source not in _NO_KERNEL_SOURCE


def is_companion(component: Component) -> bool:
    """Whether it is built from a kernel's source but holds no kernel code (headers, tools, documentation, perf).

    Debian and Ubuntu name everything with kernel code ``linux-image-<release>`` or ``linux-modules-<release>``. The
    others have ever new flavours, so there a name that is not known to be a companion counts as a kernel.
    """
    if not is_from_kernel_source(component):
        return False
    if component.ecosystem is Ecosystem.DEB:
        return not _DEB_IMAGE.match(component.name)
    parts = component.name.split("-")
    return not parts[0].startswith(("kernel", "linux")) or not _NO_KERNEL_PART.isdisjoint(parts[1:])


def is_image(component: Component) -> bool:
    """Whether it holds a kernel or its modules."""
    return is_from_kernel_source(component) and not is_companion(component)


def runs(component: Component, running: str) -> bool:
    """Whether a kernel package belongs to the running kernel, ``running`` being what ``uname -r`` prints.

    deb: the release is part of the name (``linux-image-6.1.0-18-amd64``). rpm: it is ``version-release``, followed by
    the architecture or flavour; SUSE leaves the last number of the release out (``5.14.21-150500.55.39-default``).
    apk: it is the version with the flavour of the name (``6.6.14-0-lts`` for ``linux-lts`` 6.6.14-r0).
    """
    if component.ecosystem is Ecosystem.DEB:
        return component.name.endswith(f"-{running}") or f"-{running}-" in component.name
    if component.ecosystem is Ecosystem.APK:
        return running == f"{component.version.replace('-r', '-')}-{component.name.removeprefix('linux-')}"
    build = component.version.rpartition(":")[2]
    if component.scope.startswith(_SUSE):
        build = build.rpartition(".")[0]
    return bool(build) and running.startswith(build) and (running[len(build) : len(build) + 1] or ".") in ".-+"


def idle_kernels(components: Iterable[Component], running: str) -> tuple[frozenset[Component], bool]:
    """The kernel packages that do not belong to the running kernel, and whether those of the running one are there.

    When the running kernel is none of the installed ones nothing is idle: the next boot may choose any of them.
    """
    images = {component for component in components if is_image(component)}
    live = {component for component in images if runs(component, running)}
    return (frozenset(images - live) if live else frozenset()), bool(live)
