"""The catalogue of feeds is complete and without doubles."""

import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import assay.intel
from assay.intel.catalog import all_feeds, feeds, mirror_feeds


def test_names_are_unique_and_fit_for_folders() -> None:
    names = [feed.name for feed in all_feeds()]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9.-]*", name) for name in names)


def test_every_feed_says_what_it_reads() -> None:
    assert [feed.name for feed in all_feeds() if not feed.urls] == []
    assert [url for feed in all_feeds() for url in feed.urls if not url.startswith(("https://", "http://"))] == []


def test_every_class_that_is_a_feed_is_in_the_catalogue() -> None:
    listed = {type(feed) for feed in all_feeds()}
    for module in pkgutil.iter_modules(assay.intel.__path__, "assay.intel."):
        for name, kind in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            is_feed = kind.__module__ == module.name and hasattr(kind, "fetch") and hasattr(kind, "parse")
            assert not is_feed or name == "Feed" or kind in listed, f"{module.name}.{name} is not in the catalogue"


def test_a_mirror_of_githubs_interface_is_read(tmp_path: Path) -> None:
    assert "github" not in {feed.name for feed in mirror_feeds(tmp_path)}
    (tmp_path / "github").mkdir()
    assert "github" in {feed.name for feed in mirror_feeds(tmp_path)}


def test_a_mirror_adds_the_osv_folders_it_has(tmp_path: Path) -> None:
    for folder in ("Maven-victims", "PyPI"):
        (tmp_path / "osv" / folder).mkdir(parents=True)
        (tmp_path / "osv" / folder / "all.zip").write_bytes(b"")
    assert [feed.name for feed in mirror_feeds(tmp_path)] == [feed.name for feed in feeds()] + ["osv-maven-victims"]
