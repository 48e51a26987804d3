"""The inventory alone: nothing of the knowledge is loaded."""

from assay.model.report import Report
from assay.operations.clock import clock
from assay.operations.roots import ScanOptions, read_root


def inventory(target: str, options: ScanOptions) -> Report:
    """The inventory alone, as a report without findings."""
    root = read_root(target, options)
    return Report(root.target, root.inventory, errors=root.inventory.errors, notices=root.notices, generated_at=clock())
