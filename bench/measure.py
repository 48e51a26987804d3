"""Time whole processes by the operating system's own accounting, several in turn, and quote medians."""

import os
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """Wall and CPU seconds and the largest process's resident memory in MB."""

    wall: float
    cpu: float
    rss: float


def run_once(command: Sequence[str], *, seconds: float = 900) -> Cost:
    """Run to the end; raises RuntimeError with the last words of a command that fails."""
    env = {**os.environ, "SYFT_CHECK_FOR_APP_UPDATE": "false"}
    with tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(
            [*_cut_off(), *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors, env=env
        )
        timer = threading.Timer(seconds, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 4):
            errors.seek(0)
            raise RuntimeError(f"{command[0]} ended with {process.returncode}: {errors.read()[-400:]!r}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def in_turn(commands: Mapping[str, Sequence[str]], runs: int) -> dict[str, Cost]:
    """The median of each command's runs; one uncounted run first, then round after round in rotating order."""
    names = list(commands)
    costs: dict[str, list[Cost]] = {name: [] for name in names}
    for name in names:
        run_once(commands[name])
    for number in range(runs):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            costs[name].append(run_once(commands[name]))
    return {
        name: Cost(
            statistics.median(cost.wall for cost in found),
            statistics.median(cost.cpu for cost in found),
            statistics.median(cost.rss for cost in found),
        )
        for name, found in costs.items()
    }


def write_section(title: str, text: str) -> None:
    """Replace one section of docs/benchmarks.md, or append it."""
    path = Path(__file__).parent.parent / "docs" / "benchmarks.md"
    page = path.read_text() if path.exists() else "# Benchmarks\n"
    head, _, rest = page.partition(f"\n## {title}\n")
    _, separator, after = rest.partition("\n## ")
    path.write_text(f"{head.rstrip()}\n\n## {title}\n\n{text.strip()}\n" + (f"\n## {after}" if separator else ""))


def _cut_off() -> list[str]:
    """A prefix that takes the network away, where the kernel lets us."""
    prefix = ["unshare", "-rn"]
    if shutil.which("unshare") and subprocess.run([*prefix, "true"], check=False, capture_output=True).returncode == 0:
        return prefix
    return []
