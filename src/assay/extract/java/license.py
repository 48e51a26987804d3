"""Licences in the manifests of OSGi bundles.

https://docs.osgi.org/specification/osgi.core/8.0.0/framework.module.html#framework.module-bundle-license
"""

import re
from collections.abc import Mapping

_CLAUSE = re.compile(r'(?:[^,"]|"[^"]*")+')
_MOST = 8
_LONGEST = 200


def bundle_licenses(manifest: Mapping[str, str]) -> tuple[str, ...]:
    """The names of ``Bundle-License``: of each clause what stands before its attributes, quotes removed."""
    text = manifest.get("bundle-license", "")
    if not text or text == "<<EXTERNAL>>" or len(text) > 16 * _LONGEST:
        return ()
    if '"' not in text and ";" not in text and "://" not in text:
        return (text,) if len(text) <= _LONGEST else ()
    names = (clause.partition(";")[0].strip().strip('"').strip() for clause in _CLAUSE.findall(text))
    return tuple(dict.fromkeys(name for name in names if name and len(name) <= _LONGEST))[:_MOST]
