"""How the stack tells what it does where nobody gave it another way: lines on stderr."""

import sys


def say_on_stderr(line: str) -> None:
    """Show one line of progress to whoever started the program."""
    sys.stderr.write(f"sagaline: {line}\n")
    sys.stderr.flush()
