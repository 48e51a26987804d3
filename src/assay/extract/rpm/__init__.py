"""rpm packages: the three kinds of database that rpm has had, and what they say about files and sources."""

from assay.extract.rpm.bottlerocket import Bottlerocket
from assay.extract.rpm.extractor import Rpm
from assay.extract.rpm.manifest import RpmManifest

__all__ = ["Bottlerocket", "Rpm", "RpmManifest"]
