"""One thread for one client: librdkafka's calls block, and their callbacks run where they block."""

import asyncio
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_Task = tuple[Future[Any], Callable[[], Any]]


class OneThread:
    """Runs blocking calls in order, off the event loop.

    The thread ends once it is closed or nobody holds it any more; a call that never returns ends
    with the process.
    """

    def __init__(self, name: str) -> None:
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        Thread(target=_work, args=(self._tasks,), name=name, daemon=True).start()
        weakref.finalize(self, self._tasks.put, None)

    async def run(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The call's result, or what it raised. Cancelled while it runs, it runs on unheard."""
        answer: Future[R] = Future()
        self._tasks.put((answer, lambda: call(*args, **kwargs)))
        return await asyncio.wrap_future(answer)

    def close(self) -> None:
        """Take no more calls."""
        self._tasks.put(None)


def _work(tasks: SimpleQueue[_Task | None]) -> None:
    while task := tasks.get():
        answer, call = task
        if not answer.set_running_or_notify_cancel():
            continue
        try:
            result = call()
        except BaseException as failure:  # noqa: BLE001 - whoever asked is told
            answer.set_exception(failure)
        else:
            answer.set_result(result)
        del answer, call, task  # else what they hold lives on until the next call
