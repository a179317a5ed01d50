"""Writes docs/performance.md and its plots: `python -m benchmarks.page [--check]`."""

import sys

from benchmarks.page import page
from benchmarks.results import newest
from deploy import pages

if __name__ == "__main__":
    sys.exit(pages.main(page.generated(newest()), "benchmarks.page", __doc__ or ""))
