"""Writes docs/examples from the recorded findings; `--research` reads the sites again first."""

import argparse
import asyncio
import sys

from tests.analyst.examples import pages, recorded
from tests.analyst.examples.recorded import ROOT


def main() -> int:
    """Write what differs, and name it."""
    parser = argparse.ArgumentParser(prog="python -m tests.analyst.examples")
    parser.add_argument("--research", action="store_true", help="read the example sites again")
    if parser.parse_args().research:
        asyncio.run(recorded.record())
    for path in pages.write():
        sys.stdout.write(f"wrote: {path.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
