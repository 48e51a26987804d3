import json
from datetime import UTC, datetime

import pytest

from assay.errors import Unreadable
from assay.intel.debian import DebianTracker
from assay.intel.feed import Covers, Malformed
from assay.model.advisory import Advisory, AffectedPackage, AffectedRange, FixState, Reference

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
TRACKER = {
    "curl": {
        "CVE-2023-38545": {
            "description": "SOCKS5 heap overflow",
            "scope": "remote",
            "releases": {
                "bookworm": {"status": "resolved", "fixed_version": "7.88.1-10+deb12u4", "urgency": "not yet assigned"},
                "bullseye": {"status": "resolved", "fixed_version": "0", "urgency": "unimportant"},
                "buster": {"status": "open", "urgency": "end-of-life"},
                "sid": {"status": "resolved", "fixed_version": "8.3.0-3", "urgency": "high**"},
                "experimental": {"status": "open"},
            },
        },
        "CVE-2024-0001": {
            "releases": {
                "bookworm": {"status": "open", "urgency": "low", "nodsa": "Minor issue", "nodsa_reason": ""},
                "bullseye": {"status": "open", "urgency": "low", "nodsa": "Too intrusive", "nodsa_reason": "ignored"},
                "trixie": {"status": "open", "urgency": "medium", "nodsa": "Next point release", "nodsa_reason": "postponed"},
                "bookworm-security": {"status": "undetermined"},
            }
        },
        "CVE-2024-0002": 7,
    },
    "curl-old": {"CVE-2023-38545": {"releases": {"bookworm": {"status": "open"}}}},
    "x": {"TEMP-0000000-ABCDEF": {"releases": {"bookworm": {"status": "open"}}}},
}  # fmt: skip


def package(name, scope, state, fixed=None, urgency="", words=""):
    ranges = () if state is FixState.NOT_AFFECTED else (AffectedRange(fixed=fixed),)
    return AffectedPackage("deb", scope, name, ranges, state=state, severity=urgency, status_text=words, source=True)


def parse(folder, tracker):
    (folder / "tracker.json").write_text(json.dumps(tracker))
    return list(DebianTracker().parse(folder))


def test_debians_words_become_states(tmp_path):
    curl, minor, broken, empty, temp, *covers = parse(tmp_path, TRACKER)
    assert curl == Advisory(
        id="DEBIAN-CVE-2023-38545",
        source="debian",
        affected=(
            package("curl", "debian:12", FixState.FIXED, "7.88.1-10+deb12u4", "not yet assigned", "resolved"),
            package("curl", "debian:11", FixState.NOT_AFFECTED, None, "unimportant", "resolved"),
            package("curl", "debian:10", FixState.END_OF_LIFE, None, "end-of-life", "open"),
            package("curl", "debian:sid", FixState.FIXED, "8.3.0-3", "high**", "resolved"),
            package("curl-old", "debian:12", FixState.UNFIXED, None, "", "open"),
        ),
        cves=("CVE-2023-38545",),
        details="SOCKS5 heap overflow",
        references=(Reference("https://security-tracker.debian.org/tracker/CVE-2023-38545", "ADVISORY"),),
    )
    assert isinstance(minor, Advisory)
    assert [(p.scope, p.state, p.status_text) for p in minor.affected] == [
        ("debian:12", FixState.UNFIXED, "open: Minor issue"),
        ("debian:11", FixState.WILL_NOT_FIX, "open, ignored: Too intrusive"),
        ("debian:13", FixState.FIX_DEFERRED, "open, postponed: Next point release"),
        ("debian:12", FixState.UNDETERMINED, "undetermined"),
    ]
    assert isinstance(broken, Malformed)
    assert broken.place == "tracker.json: curl CVE-2024-0002"
    assert isinstance(empty, Advisory)
    assert empty.affected == ()
    assert isinstance(temp, Advisory)
    assert (temp.id, temp.cves) == ("TEMP-0000000-ABCDEF", ())
    assert covers == [Covers(f"debian:{release}") for release in ("10", "11", "12", "13", "sid")]


@pytest.mark.parametrize("text", ["", "[]", '{"curl": 3}'])
def test_what_is_no_tracker_is_unreadable(tmp_path, text):
    (tmp_path / "tracker.json").write_text(text)
    with pytest.raises(Unreadable):
        list(DebianTracker().parse(tmp_path))


def test_the_tracker_is_fetched(tmp_path, answers):
    site = answers({"https://security-tracker.debian.org/tracker/data/json": b"{}"})
    assert DebianTracker().fetch(site, tmp_path, None, NOW).changed
    assert list(DebianTracker().parse(tmp_path)) == []
