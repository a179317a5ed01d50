"""`python -m contracts.generate` writes what is generated; `--check` only says what drifted."""

import sys
from argparse import ArgumentParser

from contracts.generate.committed import IdMoved
from contracts.generate.files import drifted, write
from contracts.generate.shapes import Unrepresentable


def main() -> int:
    """0 where all is well, 1 where something drifted or cannot be generated."""
    parser = ArgumentParser(prog="python -m contracts.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; name what drifted")
    check = parser.parse_args().check
    try:
        changed = drifted() if check else write()
    except (IdMoved, Unrepresentable) as refused:
        print(f"contracts: {refused}", file=sys.stderr)
        return 1
    for path in changed:
        print(f"{'drifted' if check else 'wrote'}: {path}")
    if check and changed:
        print("run `python -m contracts.generate` and commit what it writes", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
