"""Where a person reads an advisory: the publisher's own page for it."""

from assay.model.advisory import Advisory

_PAGES = (
    ("GHSA-", "https://github.com/advisories/{id}"),
    ("CVE-", "https://nvd.nist.gov/vuln/detail/{id}"),
    ("UBUNTU-CVE-", "https://ubuntu.com/security/{tail}"),
    ("USN-", "https://ubuntu.com/security/notices/{id}"),
    ("DEBIAN-CVE-", "https://security-tracker.debian.org/tracker/{tail}"),
    ("DSA-", "https://security-tracker.debian.org/tracker/{id}"),
    ("DLA-", "https://security-tracker.debian.org/tracker/{id}"),
    ("ALPINE-CVE-", "https://security.alpinelinux.org/vuln/{tail}"),
    ("RHSA-", "https://access.redhat.com/errata/{id}"),
    ("RHBA-", "https://access.redhat.com/errata/{id}"),
    ("RHEA-", "https://access.redhat.com/errata/{id}"),
    ("RLSA-", "https://errata.rockylinux.org/{id}"),
    ("GO-", "https://pkg.go.dev/vuln/{id}"),
    ("RUSTSEC-", "https://rustsec.org/advisories/{id}.html"),
    ("PYSEC-", "https://osv.dev/vulnerability/{id}"),
    ("MAL-", "https://osv.dev/vulnerability/{id}"),
)


def record_url(advisory: Advisory) -> str:
    """Where its publisher is known to show it, else its first link of kind ADVISORY, else its first link."""
    for prefix, page in _PAGES:
        if advisory.id.startswith(prefix):
            at = advisory.id.find("CVE-")
            return page.format(id=advisory.id, tail=advisory.id[at:] if at >= 0 else advisory.id)
    named = (r.url for r in advisory.references if r.kind == "ADVISORY")
    return next(named, advisory.references[0].url if advisory.references else "")
