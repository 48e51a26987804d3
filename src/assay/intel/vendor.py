"""Who speaks in a record, by the prefix of its id (https://ossf.github.io/osv-schema/#id-modified-fields)."""

_SCORERS = {
    "GHSA": "GITHUB",
    "UBUNTU": "ubuntu",
    "USN": "ubuntu",
    "DEBIAN": "debian",
    "DSA": "debian",
    "DLA": "debian",
    "RHSA": "redhat",
    "RHBA": "redhat",
    "RHEA": "redhat",
    "ALSA": "almalinux",
    "ALBA": "almalinux",
    "ALEA": "almalinux",
    "RLSA": "rocky",
    "RXSA": "rocky",
    "ALAS": "amazon",
    "ALAS2": "amazon",
    "ALAS2023": "amazon",
    "ALPINE": "alpine",
    "AVG": "arch",
    "AZL": "azurelinux",
    "FEDORA": "fedora",
    "PHOTON": "photon",
    "REDHAT": "redhat",
    "ELSA": "oracle",
    "SUSE": "suse",
    "OPENSUSE": "suse",
    "PYSEC": "pypa",
    "RUSTSEC": "rustsec",
    "GO": "golang",
    "RUBYSEC": "rubysec",
    "FOP": "friendsofphp",
    "BIT": "bitnami",
    "MGASA": "mageia",
    "CGA": "chainguard",
}


def scorer_of(advisory: str) -> str:
    """Under which name a record's ratings are kept; ``osv`` when its prefix says nothing."""
    return _SCORERS.get(advisory.partition("-")[0].upper(), "osv")
