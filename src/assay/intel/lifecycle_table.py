"""When releases of operating systems stop getting fixes: facts for when endoflife.date cannot be asked.

Each row names where its dates come from; they were looked up on ``DATED``. The day is the last one of the support
that comes with the release itself; paid extensions (Ubuntu Pro, RHEL ELS, SUSE LTSS) do not count, Debian LTS does,
because it is open to all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Releases:
    """One distribution: its name in os-release, the source of the dates, release to last day."""

    distribution: str
    source: str
    ends: Mapping[str, str]


DATED = date(2026, 9, 17)

TABLE: tuple[Releases, ...] = (
    Releases(
        "debian",
        "https://wiki.debian.org/LTS",
        {
            "7": "2018-05-31", "8": "2020-06-30", "9": "2022-07-01", "10": "2024-06-30", "11": "2026-08-31",
            "12": "2028-06-30", "13": "2030-06-30",
        },
    ),
    Releases(
        "ubuntu",
        "https://wiki.ubuntu.com/Releases",
        {
            "12.04": "2017-04-28", "14.04": "2019-04-02", "16.04": "2021-04-02", "18.04": "2023-05-31",
            "19.10": "2020-07-06", "20.04": "2025-05-31", "20.10": "2021-07-22", "21.04": "2022-01-20",
            "21.10": "2022-07-14", "22.04": "2027-04-01", "22.10": "2023-07-20", "23.04": "2024-01-20",
            "23.10": "2024-07-12", "24.04": "2029-05-31", "24.10": "2025-07-10", "25.04": "2026-01-17",
            "25.10": "2026-07-01", "26.04": "2031-04-30",
        },
    ),
    Releases(
        "alpine",
        "https://alpinelinux.org/releases/",
        {
            "3.0": "2016-05-01", "3.1": "2016-11-01", "3.2": "2017-05-01", "3.3": "2017-11-01", "3.4": "2018-05-01",
            "3.5": "2018-11-01", "3.6": "2019-05-01", "3.7": "2019-11-01", "3.8": "2020-05-01", "3.9": "2020-11-01",
            "3.10": "2021-05-01", "3.11": "2021-11-01", "3.12": "2022-05-01", "3.13": "2022-11-01",
            "3.14": "2023-05-01", "3.15": "2023-11-01", "3.16": "2024-05-23", "3.17": "2024-11-22",
            "3.18": "2025-05-09", "3.19": "2025-11-01", "3.20": "2026-04-01", "3.21": "2026-11-01",
            "3.22": "2027-05-01", "3.23": "2027-11-01",
        },
    ),
    Releases(
        "amzn",
        "https://docs.aws.amazon.com/linux/al2023/ug/release-cadence.html",
        {
            "1": "2023-12-31", "2": "2026-06-30", "2023": "2029-06-30",
        },
    ),
    Releases(
        "rhel",
        "https://access.redhat.com/support/policy/updates/errata",
        {
            "5": "2017-03-31", "6": "2020-11-30", "7": "2024-06-30", "8": "2029-05-31", "9": "2032-05-31",
            "10": "2035-05-31",
        },
    ),
    Releases(
        "almalinux", "https://wiki.almalinux.org/release-notes/",
        {"8": "2029-03-01", "9": "2032-05-31", "10": "2035-05-31"},
    ),
    Releases(
        "rocky", "https://wiki.rockylinux.org/rocky/version/",
        {"8": "2029-05-31", "9": "2032-05-31", "10": "2035-05-31"},
    ),
    Releases(
        "ol", "https://www.oracle.com/a/ocom/docs/elsp-lifetime-069338.pdf",
        {"6": "2021-03-01", "7": "2024-12-01", "8": "2029-07-01", "9": "2032-06-30"},
    ),
    Releases(
        "sles",
        "https://www.suse.com/lifecycle",
        {
            "11.4": "2019-03-31", "12": "2016-06-30", "12.1": "2017-05-31", "12.2": "2018-03-31",
            "12.3": "2019-06-30", "12.4": "2020-06-30", "12.5": "2024-10-31", "15": "2019-12-31",
            "15.1": "2021-01-31", "15.2": "2021-12-31", "15.3": "2022-12-31", "15.4": "2023-12-31",
            "15.5": "2024-12-31", "15.6": "2025-12-31", "15.7": "2031-07-31",
        },
    ),
    Releases(
        "opensuse-leap",
        "https://en.opensuse.org/Lifetime",
        {
            "42.1": "2017-05-17", "42.2": "2018-01-26", "42.3": "2019-07-01", "15.0": "2019-12-03",
            "15.1": "2021-02-02", "15.2": "2022-01-04", "15.3": "2022-12-31", "15.4": "2023-12-07",
            "15.5": "2024-12-31", "15.6": "2026-04-30", "16.0": "2027-10-31",
        },
    ),
    Releases(
        "fedora",
        "https://docs.fedoraproject.org/en-US/releases/eol/",
        {
            "32": "2021-05-25", "33": "2021-11-30", "34": "2022-06-07", "35": "2022-12-13", "36": "2023-05-16",
            "37": "2023-12-05", "38": "2024-05-21", "39": "2024-11-26", "40": "2025-05-13", "41": "2025-12-15",
            "42": "2026-05-13", "43": "2026-12-09",
        },
    ),
    Releases(
        "photon", "https://vmware.github.io/photon/",
        {"1.0": "2022-02-28", "2.0": "2022-12-31", "3.0": "2024-03-01"},
    ),
    Releases(
        "mariner", "https://learn.microsoft.com/azure/azure-linux/release-cadence-lifecycle",
        {"1.0": "2023-08-31", "2.0": "2025-07-31"},
    ),
    Releases(
        "azurelinux", "https://learn.microsoft.com/azure/azure-linux/release-cadence-lifecycle",
        {"3.0": "2027-08-31"},
    ),
)  # fmt: skip
