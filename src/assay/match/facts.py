"""Facts of the inventory that set a match aside: kernels that do not run, and files that an OS package owns."""

from assay.match.case import Case
from assay.match.kernel import is_companion
from assay.match.ruling import Verdict, fact_of, is_assessed
from assay.match.setting import Setting
from assay.model.component import Component, Package
from assay.model.match import Reason


def set_aside_by_facts(case: Case, vulnerability: str, component: Component, package: Package) -> Setting | None:
    """Why a match does not count at one place; None when it does."""
    if component.ecosystem.is_os:
        return _kernel(case, component)
    return _owned(case, vulnerability, package) if package.owner else None


def _kernel(case: Case, component: Component) -> Setting | None:
    if is_companion(component):
        source = component.source_name or component.name
        return Setting(Reason.KERNEL_COMPANION, f"{component.name} is built from {source} but holds no kernel code")
    if component in case.idle:
        running = case.inventory.running_kernel
        return Setting(Reason.NOT_RUNNING_KERNEL, f"the running kernel is {running}")
    return None


def _owned(case: Case, vulnerability: str, package: Package) -> Setting | None:
    """The vendor of the operating system judges what its packages bring, where it has judged.

    A flaw that the vendor has never assessed for the owning package stays a finding of the language package: silence
    is no statement.
    """
    for owner in case.owners.get(package.owner, ()):
        tested = case.tested(owner, vulnerability)
        ruling = case.ruling(owner, vulnerability)
        if is_assessed(tested) and ruling.verdict is not Verdict.NOT_COMPARED:
            verdict = "is affected itself" if ruling.verdict is Verdict.AFFECTED else "is not affected"
            detail = f"{package.path} belongs to {owner.name} {owner.version}, which {verdict}: {fact_of(tested)}"
            return Setting(Reason.OWNED, detail)
    return None
