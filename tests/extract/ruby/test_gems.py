import pytest

from assay.errors import Unreadable
from assay.extract.ruby.bundler import GemfileLock
from assay.extract.ruby.gemspec import GemInstalled
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem

PATH = "usr/share/rubygems-integration/all/specifications/nokogiri-1.13.3-x86_64-linux.gemspec"

NOKOGIRI = b"""# -*- encoding: utf-8 -*-
# stub: nokogiri 1.13.3 x86_64-linux lib

Gem::Specification.new do |s|
  s.name = "nokogiri".freeze
  s.version = "1.13.3"
  s.platform = "x86_64-linux".freeze

  s.required_rubygems_version = Gem::Requirement.new(">= 0".freeze) if s.respond_to? :required_rubygems_version=
  s.authors = ["Mike Dalessio".freeze]
  s.description = "line\\n  s.version = \\"9\\"".freeze
  s.licenses = ["MIT".freeze, "Apache-2.0".freeze]
  s.rubygems_version = "3.2.5".freeze

  if s.respond_to? :specification_version then
    s.specification_version = 4
  end
  s.version = "2.0.0"
end
"""

LOCK = b"""PATH
  remote: vendor/gem/local
  specs:
    local (1.2.0.0)
      rack

GIT
  remote: https://github.com/hanami/utils.git
  revision: 5904fc9a70683b8749aa2861257d0c8c01eae4aa
  specs:
    hanami-utils (2.0.0.alpha1)
      rack (~> 2.0)

GEM
  remote: https://rubygems.org/
  specs:
    nokogiri (1.13.3-x86_64-linux)
      racc (~> 1.4)
    nokogiri (1.13.3-java)
    rack (2.2.3)
    racc (1.6.0)

PLATFORMS
  x86_64-linux

DEPENDENCIES
  hanami-utils!
  rack (~> 2.2)

RUBY VERSION
   ruby 3.0.2p107

CHECKSUMS
  rack (2.2.3) sha256=aa

BUNDLED WITH
   2.2.28
"""


def test_a_specification_states_one_gem_with_its_licences(packages):
    assert packages(GemInstalled(), {PATH: NOKOGIRI}) == [
        Package(
            Component(Ecosystem.GEM, "nokogiri", "1.13.3"),
            path=PATH,
            extractor="gem-installed",
            licenses=("MIT", "Apache-2.0"),
        )
    ]


@pytest.mark.parametrize(
    "data",
    [
        b's.name = "rack"\ns.version = "2.2.3"\n',
        b"spec.name='rack'\nspec.version = '2.2.3'\n",
        b's.name = %q{rack}\ns.version = "2.2.3"\n',
        b's.name = "rack"\ns.version = Gem::Version.new("2.2.3")\n',
        b"# stub: rack 2.2.3 ruby lib\ns.name = NAME\ns.version = VERSION\n",
        b's.name = "rack"\r\ns.version = "2.2.3"\r\n',
    ],
)
def test_forms_in_which_name_and_version_are_written(versions, data):
    assert versions(GemInstalled(), {PATH: data}) == [("rack", "2.2.3")]


@pytest.mark.parametrize(
    "data",
    [b"", b"s.name = NAME\n", b's.name = "rack"\n', b's.name = "ra#{1}ck"\ns.version = "1"\n', b"\xff\0",
     b's.name = "rack"\ns.version = "next"\n', b's.name = "a/b"\ns.version = "1"\n'],
)  # fmt: skip
def test_a_specification_without_literal_name_and_version_is_unreadable(facts, data):
    with pytest.raises(Unreadable, match="without a literal name and version"):
        facts(GemInstalled(), {PATH: data})


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        (PATH, True),
        ("usr/lib/ruby/gems/3.1.0/specifications/default/json-2.6.1.gemspec", True),
        ("specifications/a-1.gemspec", True),
        ("srv/gems/foo-1.0/foo.gemspec", False),
        ("srv/specifications/more/a.gemspec", False),
    ],
)
def test_only_installed_specifications_count(path, wanted):
    assert bool(GemInstalled.wants.pattern.search(path)) is wanted


def test_a_lock_file_lists_the_specs_of_all_sources(packages):
    for data in (LOCK, LOCK.replace(b"\n", b"\r\n")):
        found = packages(GemfileLock(), {"Gemfile.lock": data})
        assert [(item.component.name, item.component.version, item.direct) for item in found] == [
            ("local", "1.2.0.0", False),
            ("hanami-utils", "2.0.0.alpha1", True),
            ("nokogiri", "1.13.3", False),
            ("rack", "2.2.3", True),
            ("racc", "1.6.0", False),
        ]


def test_a_lock_file_without_dependencies_says_nothing_about_them(packages):
    found = packages(GemfileLock(), {"gems.locked": b"GEM\n  specs:\n    a (1)"})
    assert found == [Package(Component(Ecosystem.GEM, "a", "1"), path="gems.locked", extractor="gem-lock")]


def test_what_is_not_text_is_unreadable(facts):
    with pytest.raises(Unreadable):
        facts(GemfileLock(), {"Gemfile.lock": b"GEM\0"})


def test_lock_files_that_gems_ship_do_not_count():
    assert not GemfileLock.wants.pattern.search("usr/lib/ruby/gems/3.1.0/gems/rack-2.2.3/Gemfile.lock")
    assert GemfileLock.wants.pattern.search("srv/gems/app/Gemfile.lock")
    assert GemfileLock.wants.pattern.search("Gemfile.lock")
