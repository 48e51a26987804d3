"""SBOM documents as input: CycloneDX and SPDX in all their forms."""

from assay.extract.sbom.document import Sbom, read_sbom
from assay.extract.sbom.extractor import SbomFiles

__all__ = ["Sbom", "SbomFiles", "read_sbom"]
