"""Publishing once under a key, and taking it back once, for channels that hand over to a vendor.

It knows no vendor: what reaches outside is given to it, and happens inside `Effect.acting`.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from contracts.message import Message
from services.optimizer.publish.effects import Effect
from services.optimizer.publish.ports import Published, Retracted

M = TypeVar("M", bound=Message)


async def published_once(effect: Effect, act: Callable[[], Awaitable[Published]]) -> Published:
    """What `act` answers, or what was recorded the first time. Raises StepError."""
    return await done_once(effect, Published, act)


async def done_once(effect: Effect, model: type[M], act: Callable[[], Awaitable[M]]) -> M:
    """What `act` answers, or what was recorded the first time. Raises StepError.

    `act` may be called again after a failure or a death: its calls carry the effect's key, and
    look first where the vendor keeps no keys.
    """
    recorded = await effect.begin()
    if recorded is None:
        done = await act()
        await effect.settle(done.model_dump_json().encode())
        recorded = await effect.job.claims.outcome(effect.key)
        if recorded is None:
            return done
    return model.model_validate_json(recorded)


async def retracted_once(
    effect: Effect, nothing: str, seconds_max: float, act: Callable[[], Awaitable[Retracted]]
) -> Retracted:
    """What `act` answers, or what was recorded the first time; `nothing` where nobody published.

    `act` is called once no try to publish can reach outside any more (`seconds_max` is what each
    was given). Raises StepError; Retryable until then.
    """
    if not await effect.begin_undo():
        return Retracted(detail=nothing)
    recorded = await effect.undone()
    if recorded is not None:
        return Retracted.model_validate_json(recorded)
    await effect.all_tries_are_over(seconds_max)
    effect.check_lease()
    retracted = await act()
    await effect.settle_undo(retracted.model_dump_json().encode())
    return retracted
