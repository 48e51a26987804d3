"""Several layers at once: forked processes where that pays, since walking is bound by the interpreter's lock."""

import contextlib
import os
import pickle
import signal
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Generic, TypeVar

from assay.collect.image import Layer
from assay.errors import AssayError, Unreadable

_Result = TypeVar("_Result")
_WORTH_A_PROCESS = 6 << 20
_TICKET = struct.Struct("<I")
_RECORD = struct.Struct("<I?Q")


@dataclass(frozen=True, slots=True)
class Failed:
    """A layer without a result; the others stand."""

    error: AssayError


def map_layers(
    function: Callable[[Layer], _Result], layers: Sequence[Layer], workers: int | None = None
) -> list[_Result | Failed]:
    """``function`` of every layer, in the layers' order. ``AssayError`` of one layer becomes its ``Failed``.

    Uses up to ``workers`` processes (None: one for each processor), of which this one is the first, when there is
    enough to do and this process can be forked safely (it has no other threads); otherwise runs one after the other.
    In a forked process results travel pickled; what ``function`` changes elsewhere stays there. Anything else that
    ``function`` raises ends the whole call, as does Ctrl-C; no process is left behind.
    """
    wanted = min(workers or available_processors(), len(layers))
    heavy = sum(1 for layer in layers if layer.size >= _WORTH_A_PROCESS)
    wanted = min(wanted, max(1, heavy, sum(layer.size for layer in layers) // _WORTH_A_PROCESS))
    if wanted < 2 or not can_fork():
        return [_attempt(function, layer) for layer in layers]
    return _Crew(function, layers).run(wanted)


def available_processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def can_fork() -> bool:
    """Whether a forked copy of this process is sound: on Linux, when no other thread may hold a lock."""
    if sys.platform != "linux" or threading.active_count() > 1:
        return False
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False


def _attempt(function: Callable[[Layer], _Result], layer: Layer) -> _Result | Failed:
    try:
        return function(layer)
    except AssayError as error:
        return Failed(error)
    except MemoryError:
        return Failed(Unreadable(f"layer {layer.key}: not enough memory"))


class _Crew(Generic[_Result]):
    """This process and its forked copies take tickets (indexes of layers, largest first) from a pipe until it is empty.

    A ticket is written and read in one piece of less than ``PIPE_BUF`` bytes, so no two workers get the same one.
    A copy leaves its results in an anonymous file that is read when it has ended.
    """

    def __init__(self, function: Callable[[Layer], _Result], layers: Sequence[Layer]) -> None:
        self._function = function
        self._layers = layers
        self._results: dict[int, _Result | Failed] = {}
        self._copies: dict[int, IO[bytes]] = {}
        self._endings: list[str] = []
        self._tickets = -1

    def run(self, workers: int) -> list[_Result | Failed]:
        """All results, in the layers' order."""
        order = sorted(range(len(self._layers)), key=lambda index: -self._layers[index].size)
        self._tickets, mouth = os.pipe()
        try:
            # The pipe holds far more than the layers an image may have.
            os.write(mouth, b"".join(_TICKET.pack(index) for index in order))
            os.close(mouth)
            for _ in range(workers - 1):
                self._fork()
            for index in self._take():
                self._results[index] = _attempt(self._function, self._layers[index])
            while self._copies:
                self._collect(*os.waitpid(next(iter(self._copies)), 0))
        finally:
            self._end_copies()
            os.close(self._tickets)
        for index, layer in enumerate(self._layers):
            if index not in self._results:
                self._results[index] = self._lost(layer)
        return [self._results[index] for index in range(len(self._layers))]

    def _take(self) -> Iterator[int]:
        while ticket := os.read(self._tickets, _TICKET.size):
            yield _TICKET.unpack(ticket)[0]

    def _fork(self) -> None:
        results = os.fdopen(os.memfd_create("assay-results"), "w+b")
        parent = os.getpid()
        child = os.fork()
        if child:
            self._copies[child] = results
            return
        try:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            self._work(results, parent)
        finally:
            # Not one line of the parent's code may run in its copy, nor may its buffers be flushed twice.
            os._exit(0)

    def _work(self, results: IO[bytes], parent: int) -> None:
        for index in self._take():
            if os.getppid() != parent:
                return
            try:
                outcome = (True, pickle.dumps(_attempt(self._function, self._layers[index])))
            except Exception as error:  # noqa: BLE001  # carried over to the parent, which raises it
                outcome = (False, _pickled_error(error))
            results.write(_RECORD.pack(index, outcome[0], len(outcome[1])) + outcome[1])
            results.flush()

    def _collect(self, child: int, status: int) -> None:
        with self._copies.pop(child) as results:
            if status:
                self._endings.append(_ending(status))
            results.seek(0)
            while record := results.read(_RECORD.size):
                index, good, length = _RECORD.unpack(record)
                value = pickle.loads(results.read(length))  # noqa: S301  # written by our own copy
                if not good:
                    raise value
                self._results[index] = value

    def _end_copies(self) -> None:
        for child, results in self._copies.items():
            results.close()
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        self._copies.clear()

    def _lost(self, layer: Layer) -> Failed:
        how = ", ".join(self._endings) or "it ended early"
        return Failed(Unreadable(f"layer {layer.key}: the process that read it died ({how})"))


def _ending(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"signal {-code}" if code < 0 else f"exit status {code}"


def _pickled_error(error: Exception) -> bytes:
    try:
        data = pickle.dumps(error)
        pickle.loads(data)  # noqa: S301  # our own bytes: some exceptions can be written but not read back
    except Exception:  # noqa: BLE001  # whatever the exception's own pickling does
        import traceback

        return pickle.dumps(RuntimeError("".join(traceback.format_exception(error))))
    return data
