import pytest

from assay.errors import Unreadable
from assay.extract.contract import Problem
from assay.extract.php.composer import ComposerInstalled, ComposerLock
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem

LOCK = b"""{
  "content-hash": "aa",
  "packages": [
    {"name": "sentry/sdk", "version": "2.0.4", "license": ["MIT"], "require": {"php": ">=7"}},
    {"name": "Drupal/Core", "version": "v10.4.5", "license": "GPL-2.0-or-later"},
    {"name": "both/ways", "version": "1.0.0"}
  ],
  "packages-dev": [
    {"name": "phpunit/phpunit", "version": "dev-main"},
    {"name": "both/ways", "version": "1.0.0", "license": ["BSD-3-Clause"]}
  ]
}"""


def test_a_lock_file_has_packages_for_running_and_for_development(packages):
    found = packages(ComposerLock(), {"composer.lock": LOCK})
    assert found == [
        Package(
            Component(Ecosystem.COMPOSER, name, version),
            path="composer.lock",
            extractor="composer-lock",
            licenses=licenses,
            dev=dev,
        )
        for name, version, licenses, dev in [
            ("sentry/sdk", "2.0.4", ("MIT",), False),
            ("Drupal/Core", "v10.4.5", ("GPL-2.0-or-later",), False),
            ("both/ways", "1.0.0", ("BSD-3-Clause",), False),
            ("phpunit/phpunit", "dev-main", (), True),
        ]
    ]


@pytest.mark.parametrize(
    ("data", "dev"),
    [
        (b'[{"name": "a/b", "version": "1.0.0"}]', False),
        (b'{"packages": [{"name": "a/b", "version": "1.0.0"}], "dev-package-names": ["a/b"]}', True),
        (b'{"packages": [{"name": "a/b", "version": "1.0.0"}], "dev-package-names": []}', False),
    ],
)
def test_what_composer_installed_in_both_forms(packages, data, dev):
    path = "srv/vendor/composer/installed.json"
    assert packages(ComposerInstalled(), {path: data}) == [
        Package(Component(Ecosystem.COMPOSER, "a/b", "1.0.0"), path=path, extractor="composer-installed", dev=dev)
    ]


def test_an_entry_that_is_none_is_a_problem_and_the_rest_stands(facts):
    data = b'{"packages": [5, "text", {"name": "a/b"}, {"name": "a/b", "version": 1}, {"name": "a/b", "version": "1"}]}'
    found = facts(ComposerLock(), {"composer.lock": data})
    assert [fact.component.version for fact in found if isinstance(fact, Package)] == ["1"]
    assert found[-1] == Problem('4 entries that cannot be used: 5, text, {"name": "a/b"}')


def test_an_empty_project_has_no_packages(packages):
    assert packages(ComposerLock(), {"composer.lock": b'{"packages": [], "packages-dev": []}'}) == []
    assert packages(ComposerInstalled(), {"vendor/composer/installed.json": b"{}"}) == []


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"<<<<<<< HEAD", LOCK[:-30]])
def test_what_is_no_lock_file_is_unreadable(facts, data):
    with pytest.raises(Unreadable):
        facts(ComposerLock(), {"composer.lock": data})


@pytest.mark.parametrize("data", [b"", b"5", b'{"packages": ['])
def test_what_is_no_installed_list_is_unreadable(facts, data):
    with pytest.raises(Unreadable):
        facts(ComposerInstalled(), {"vendor/composer/installed.json": data})


def test_which_files_are_wanted():
    assert ComposerLock.wants.pattern.search("srv/app/composer.lock")
    assert not ComposerLock.wants.pattern.search("srv/app/vendor/monolog/monolog/composer.lock")
    assert ComposerInstalled.wants.pattern.search("srv/app/vendor/composer/installed.json")
    assert not ComposerInstalled.wants.pattern.search("srv/installed.json")
