"""``python -m bench [NAME...]``: run the benchmarks by name, or all of them."""

import importlib
import sys

NAMES = ("versions", "intel", "collect", "scan")


def main() -> None:
    """Run what was asked for; an unknown name is an error."""
    wanted = sys.argv[1:] or NAMES
    for name in wanted:
        if name not in NAMES:
            sys.exit(f"no benchmark {name!r}: choose from {', '.join(NAMES)}")
        importlib.import_module(f"bench.{name}").main()


main()
