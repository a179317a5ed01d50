"""The fuse: a process that was frozen past its time never does what it was about to do."""

import os
import signal
import subprocess
import sys
from contextlib import suppress

import pytest

FROZEN = """
import os, signal
from chassis.fuse import KernelFuse, NoFuse
with {fuse}().burning(0.3):
    os.kill(os.getpid(), signal.SIGSTOP)
    print("published", flush=True)
"""

PUT_OUT = """
import time
from chassis.fuse import KernelFuse
fuse = KernelFuse()
with fuse.burning(0.2), fuse.burning(60.0):
    pass
time.sleep(0.4)
print("lives", flush=True)
"""

FIRST_DUE = """
import time
from chassis.fuse import KernelFuse
fuse = KernelFuse()
with fuse.burning(60.0):
    with fuse.burning(0.2):
        time.sleep(30.0)
"""

OUTER_STAYS = """
import time
from chassis.fuse import KernelFuse
fuse = KernelFuse()
with fuse.burning(0.3):
    with fuse.burning(60.0):
        pass
    time.sleep(30.0)
"""

THAWED_AFTER_S = 0.6


def frozen_and_thawed(fuse: str) -> tuple[int, str]:
    """The exit code and output of a process that stops itself, and is woken after its time."""
    code = FROZEN.format(fuse=fuse)
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    ) as process:
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        with suppress(subprocess.TimeoutExpired):  # it may be gone before it is woken
            process.wait(THAWED_AFTER_S)
        process.send_signal(signal.SIGCONT)
        said, _ = process.communicate(timeout=10)
        return process.returncode, said


def test_whoever_slept_past_its_time_is_gone_before_its_next_instruction() -> None:
    assert frozen_and_thawed("KernelFuse") == (-signal.SIGALRM, "")


def test_without_the_fuse_the_effect_happens_late() -> None:
    assert frozen_and_thawed("NoFuse") == (0, "published\n")


@pytest.mark.parametrize(
    ("code", "ended"),
    [
        (PUT_OUT, (0, "lives\n")),
        (FIRST_DUE, (-signal.SIGALRM, "")),
        (OUTER_STAYS, (-signal.SIGALRM, "")),
    ],
)
def test_of_several_fuses_the_first_that_is_due_counts(code: str, ended: tuple[int, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=30
    )
    assert (done.returncode, done.stdout) == ended
