"""Components and packages: what is installed, where, and who put it there."""

from dataclasses import dataclass

from assay.model.ecosystem import Ecosystem, normal_name


@dataclass(frozen=True, slots=True, order=True)
class Component:
    """A piece of software by its identity: two packages with equal components have equal vulnerabilities.

    ``scope`` is the operating system release whose feed judges it (``debian:12``) and empty for language packages.
    ``name`` is the ecosystem's full name: ``group:artifact`` for Maven, ``@scope/name`` for npm, the module path for
    Go (``stdlib`` for the standard library), ``vendor/name`` for Composer. ``version`` is as the package states it,
    for rpm ``[epoch:]version-release``, for deb ``[epoch:]upstream[-revision]``. ``source_name`` and
    ``source_version`` name the source package where the vendor tracks sources (deb, apk origin, rpm SOURCERPM).
    ``module`` is the rpm module stream (``nodejs:16``), ``vendor`` the rpm vendor tag.
    """

    ecosystem: Ecosystem
    name: str
    version: str
    scope: str = ""
    arch: str = ""
    source_name: str = ""
    source_version: str = ""
    module: str = ""
    vendor: str = ""

    @property
    def lookup_name(self) -> str:
        """The name under which advisories list it."""
        return normal_name(self.ecosystem, self.name)


@dataclass(frozen=True, slots=True, order=True)
class Package:
    """A component found at a path, in a layer, owned by a package of the operating system.

    ``path`` is the file that states the package, relative to the root; inside archives the parts are joined by
    ``!/``. ``layer`` is the diff id of the image layer. ``owner`` is the OS package (its name) whose file list holds
    ``path``. ``direct`` is False when a manifest says that only another package needs it, None when it says nothing.
    ``dev`` marks packages needed only to build or test.
    """

    component: Component
    path: str = ""
    layer: str = ""
    owner: str = ""
    extractor: str = ""
    licenses: tuple[str, ...] = ()
    dev: bool = False
    direct: bool | None = None
