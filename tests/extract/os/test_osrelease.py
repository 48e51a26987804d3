"""Which operating system a root holds."""

import pytest

from assay.errors import Unreadable
from assay.extract.contract import OsRelease
from assay.extract.osrelease import OsReleaseFiles, operating_system
from assay.model.inventory import OperatingSystem

OS_RELEASE = "etc/os-release"


def test_every_field_of_os_release_is_kept(read) -> None:
    data = b"""# the system
NAME="AlmaLinux"
VERSION="9.3 (Shamrock Pampas Cat)"
ID='almalinux'
ID_LIKE="rhel centos fedora"
VERSION_ID="9.3"
PRETTY_NAME="AlmaLinux 9.3 (Shamrock Pampas Cat)"
CPE_NAME="cpe:/o:almalinux:almalinux:9::baseos"
"""
    assert read(OsReleaseFiles(), OS_RELEASE, data) == [
        OsRelease(
            OperatingSystem(
                "almalinux",
                "9.3",
                name="AlmaLinux 9.3 (Shamrock Pampas Cat)",
                scope="almalinux:9",
                path=OS_RELEASE,
                cpe="cpe:/o:almalinux:almalinux:9::baseos",
                like=("rhel", "centos", "fedora"),
            ),
            0,
        )
    ]


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ('ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm', "debian:12"),
        ('ID=debian\nVERSION_CODENAME=trixie\nPRETTY_NAME="Debian GNU/Linux trixie/sid"', "debian:13"),
        ("ID=debian\nVERSION_CODENAME=sid", "debian:sid"),
        ("ID=debian", "debian:sid"),
        ('ID=ubuntu\nID_LIKE=debian\nVERSION_ID="22.04"\nVERSION_CODENAME=jammy', "ubuntu:22.04"),
        ("ID=alpine\nVERSION_ID=3.19.1", "alpine:3.19"),
        ("ID=alpine\nVERSION_ID=3.20_alpha20240329", "alpine:edge"),
        ('ID="rhel"\nVERSION_ID="9.3"', "rhel:9"),
        ('ID="centos"\nNAME="CentOS Stream"\nVERSION_ID="9"', "rhel:9"),
        ('ID="rhcos"\nVERSION_ID="4.13"\nRHEL_VERSION="9.2"', "rhel:9"),
        ('ID="rocky"\nVERSION_ID="8.9"', "rocky:8"),
        ('ID="ol"\nVERSION_ID="8.8"', "ol:8"),
        ('ID="amzn"\nVERSION_ID="2018.03"', "amzn:1"),
        ('ID="amzn"\nVERSION_ID="2"', "amzn:2"),
        ('ID="amzn"\nVERSION_ID="2023"', "amzn:2023"),
        ("ID=fedora\nVERSION_ID=39", "fedora:39"),
        ('ID="sles"\nVERSION_ID="15.3"', "sles:15.3"),
        ('ID="opensuse-leap"\nVERSION_ID="15.5"', "opensuse-leap:15.5"),
        ('ID=opensuse\nNAME="openSUSE Leap"\nVERSION_ID="42.3"', "opensuse-leap:42.3"),
        ('ID="opensuse-tumbleweed"\nVERSION_ID="20240101"', "opensuse-tumbleweed"),
        ('ID=mariner\nVERSION_ID="2.0"', "mariner:2.0"),
        ('ID=azurelinux\nVERSION_ID="3.0"', "azurelinux:3.0"),
        ("ID=photon\nVERSION_ID=4.0", "photon:4.0"),
        ('ID=wolfi\nVERSION_ID="20230201"', "wolfi"),
        ('ID=chainguard\nVERSION_ID="20230214"', "chainguard"),
        ("ID=bottlerocket\nVERSION_ID=1.15.0", "bottlerocket:1.15.0"),
        ('NAME="Fedora Linux"\nVERSION_ID=39', "fedora:39"),
    ],
)
def test_os_release_leads_to_the_scope_of_the_vendors_feed(read, text: str, scope: str) -> None:
    [release] = read(OsReleaseFiles(), OS_RELEASE, text.encode())
    assert release.os.scope == scope


@pytest.mark.parametrize(
    ("path", "text", "identifier", "version", "scope"),
    [
        ("etc/alpine-release", "3.19.1\n", "alpine", "3.19.1", "alpine:3.19"),
        ("etc/debian_version", "12.4\n", "debian", "12.4", "debian:12"),
        ("etc/debian_version", "trixie/sid\n", "debian", "", "debian:13"),
        ("etc/redhat-release", "Red Hat Enterprise Linux Server release 6.10 (Santiago)", "rhel", "6.10", "rhel:6"),
        ("etc/centos-release", "CentOS Linux release 7.9.2009 (Core)", "centos", "7.9.2009", "rhel:7"),
        ("etc/centos-release", "CentOS Stream release 8", "centos", "8", "rhel:8"),
        ("etc/oracle-release", "Oracle Linux Server release 6.10", "ol", "6.10", "ol:6"),
        ("etc/rocky-release", "Rocky Linux release 9.1 (Blue Onyx)", "rocky", "9.1", "rocky:9"),
        ("etc/almalinux-release", "AlmaLinux release 8.7 (Stone Smilodon)", "almalinux", "8.7", "almalinux:8"),
        ("etc/fedora-release", "Fedora release 39 (Thirty Nine)", "fedora", "39", "fedora:39"),
        ("etc/system-release", "Amazon Linux AMI release 2018.03", "amzn", "2018.03", "amzn:1"),
        ("usr/lib/system-release", "Amazon Linux release 2 (Karoo)", "amzn", "2", "amzn:2"),
        ("etc/photon-release", "VMware Photon OS 4.0\nPHOTON_BUILD_NUMBER=1", "photon", "4.0", "photon:4.0"),
        ("etc/mariner-release", "CBL-Mariner 2.0.20220226\nB=1", "mariner", "2.0.20220226", "mariner:2.0"),
        (
            "etc/azurelinux-release",
            "Microsoft Azure Linux 3.0.20240727",
            "azurelinux",
            "3.0.20240727",
            "azurelinux:3.0",
        ),
        (
            "etc/SuSE-release",
            "SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n",
            "sles",
            "11.4",
            "sles:11.4",
        ),
        (
            "etc/SuSE-release",
            "openSUSE 13.2 (x86_64)\nVERSION = 13.2\nCODENAME = Harlequin",
            "opensuse",
            "13.2",
            "opensuse:13.2",
        ),
        (
            "etc/lsb-release",
            "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=14.04\nDISTRIB_CODENAME=trusty",
            "ubuntu",
            "14.04",
            "ubuntu:14.04",
        ),
        ("etc/lsb-release", 'DISTRIB_ID="Some Other"\nDISTRIB_RELEASE=1', "some-other", "1", "some-other:1"),
    ],
)
def test_the_older_files_are_understood(read, path: str, text: str, identifier: str, version: str, scope: str) -> None:
    [release] = read(OsReleaseFiles(), path, text.encode())
    assert (release.os.id, release.os.version, release.os.scope, release.os.path) == (identifier, version, scope, path)


def test_more_special_files_rank_before_those_of_the_parent_distribution(read) -> None:
    def rank(path: str, text: bytes) -> int:
        [release] = read(OsReleaseFiles(), path, text)
        return release.rank

    assert rank(OS_RELEASE, b"ID=a") < rank("usr/lib/os-release", b"ID=a")
    assert rank("etc/oracle-release", b"Oracle Linux 6") < rank("etc/redhat-release", b"CentOS 6")
    assert rank("etc/lsb-release", b"DISTRIB_ID=Ubuntu") < rank("etc/debian_version", b"12")


@pytest.mark.parametrize(
    ("value", "meaning"),
    [
        ("plain", "plain"),
        ('"double quoted"', "double quoted"),
        ("'single $HOME'", "single $HOME"),
        (r'"a \"b\" \$c \\ \`d"', 'a "b" $c \\ `d'),
        (r"back\ slash", "back slash"),
        ("one'two'\"three\"", "onetwothree"),
        ('"never closed', "never closed"),
        ("cut here", "cut"),
    ],
)
def test_values_are_unquoted_as_a_shell_would(read, value: str, meaning: str) -> None:
    [release] = read(OsReleaseFiles(), OS_RELEASE, f"ID=x\nPRETTY_NAME={value}\n".encode())
    assert release.os.name == meaning


def test_the_last_assignment_wins(read) -> None:
    [release] = read(OsReleaseFiles(), OS_RELEASE, b"ID=a\nID=b\n")
    assert release.os.id == "b"


@pytest.mark.parametrize("path", ["etc/os-release", "etc/lsb-release", "etc/redhat-release"])
def test_a_file_that_names_no_system_is_unreadable_and_an_empty_one_says_nothing(read, path: str) -> None:
    with pytest.raises(Unreadable):
        read(OsReleaseFiles(), path, b"BusyBox v1.36")
    assert read(OsReleaseFiles(), path, b" \n\0") == []


@pytest.mark.parametrize(
    ("name", "version", "identifier", "scope"),
    [
        ("redhat", "9.1", "rhel", "rhel:9"),
        ("Amazon Linux", "2", "amzn", "amzn:2"),
        ("amazon", "2018.03", "amzn", "amzn:1"),
        ("debian", "bookworm/sid", "debian", "debian:12"),
        ("debian", "sid", "debian", "debian:sid"),
        ("Ubuntu", "22.04", "ubuntu", "ubuntu:22.04"),
        ("opensuse.leap", "15.5", "opensuse-leap", "opensuse-leap:15.5"),
        ("suse linux enterprise server", "15.3", "sles", "sles:15.3"),
        ("cbl-mariner", "2.0.1", "mariner", "mariner:2.0"),
        ("wolfi", "20230201", "wolfi", "wolfi"),
        ("Some Thing", "1", "some-thing", "some-thing:1"),
    ],
)
def test_a_system_is_known_by_other_tools_words(name: str, version: str, identifier: str, scope: str) -> None:
    system = operating_system(name, version)
    assert (system.id, system.scope, system.name) == (identifier, scope, name)
