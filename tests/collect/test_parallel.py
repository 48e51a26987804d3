"""Layers are worked on at once, in order, and no failure of one costs another."""

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from assay.collect.image import Layer
from assay.collect.parallel import Failed, map_layers
from assay.errors import Unreadable

pytestmark = [
    pytest.mark.alone,
    pytest.mark.skipif("PYTEST_XDIST_WORKER" in os.environ, reason="needs a process without other threads: no -n"),
]

MEGABYTE = 1 << 20


def layers(count: int, size: int = 50 * MEGABYTE) -> list[Layer]:
    return [Layer(f"sha256:{number}", "", size + number, "", lambda: None) for number in range(count)]  # type: ignore[arg-type,return-value]


def name_and_process(layer: Layer) -> tuple[str, int]:
    return layer.diff_id, os.getpid()


def test_large_layers_are_shared_between_processes_and_stay_in_order(roll: Callable[[int], None]) -> None:
    def function(layer: Layer) -> tuple[str, int]:
        roll(3)
        return name_and_process(layer)

    found = map_layers(function, layers(6), workers=3)
    assert [name for name, _ in found] == [f"sha256:{number}" for number in range(6)]
    assert len({process for _, process in found}) == 3


@pytest.mark.parametrize(("size", "workers"), [(1000, 4), (50 * MEGABYTE, 1)])
def test_small_layers_and_single_workers_stay_in_this_process(size: int, workers: int) -> None:
    assert {process for _, process in map_layers(name_and_process, layers(4, size), workers)} == {os.getpid()}


def test_a_process_with_threads_is_not_forked() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert {process for _, process in map_layers(name_and_process, layers(3), 3)} == {os.getpid()}
    finally:
        stop.set()
        thread.join()


def test_no_layers_have_no_results() -> None:
    assert map_layers(name_and_process, []) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_of_one_layer_is_its_result(workers: int) -> None:
    def function(layer: Layer) -> str:
        if layer.diff_id == "sha256:1":
            raise Unreadable("broken")
        if layer.diff_id == "sha256:2":
            raise MemoryError
        return "fine"

    found = map_layers(function, layers(4), workers)
    assert [item.error.args[0] if isinstance(item, Failed) else item for item in found] == [
        "fine",
        "broken",
        "layer sha256:2: not enough memory",
        "fine",
    ]


def test_a_worker_that_dies_loses_only_its_layer(roll: Callable[[int], None]) -> None:
    parent = os.getpid()

    def function(layer: Layer) -> str:
        roll(2)
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return "fine"

    found = map_layers(function, layers(4), 2)
    lost = [item for item in found if isinstance(item, Failed)]
    assert len(lost) == 1
    assert str(lost[0].error).endswith("the process that read it died (signal 9)")
    assert found.count("fine") == 3


class Unpicklable(Exception):
    def __init__(self, first: str, second: str) -> None:
        super().__init__(first)


@pytest.mark.parametrize(
    ("raised", "expected"), [(ValueError("mistake"), ValueError), (Unpicklable("mistake", "b"), RuntimeError)]
)
def test_a_mistake_in_a_worker_is_raised_here(
    raised: Exception, expected: type[Exception], roll: Callable[[int], None]
) -> None:
    parent = os.getpid()

    def function(layer: Layer) -> str:
        roll(2)
        if os.getpid() != parent:
            raise raised
        return "fine"

    with pytest.raises(expected, match="mistake"):
        map_layers(function, layers(4), 2)


def children() -> str:
    return Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text()


def test_an_interruption_ends_the_workers() -> None:
    parent = os.getpid()
    before = children()
    started = time.monotonic()

    def function(layer: Layer) -> str:
        if os.getpid() == parent:
            time.sleep(0.1)
            raise KeyboardInterrupt
        time.sleep(60)
        return "late"

    with pytest.raises(KeyboardInterrupt):
        map_layers(function, layers(2), 2)
    assert time.monotonic() - started < 10
    assert children() == before  # other tests may have left processes of their own, a resource tracker for example
