"""Verifying the log: chains and hashes re-read, sagas refolded, the view held against them."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from chassis.broker import Reader, TopicPartition
from chassis.codec import Codec
from contracts import topics
from services.orchestrator.saga.restore import LogBroken, Restored
from services.orchestrator.saga.store import Held

Heads = Mapping[str, tuple[int, str]]
"""Campaign id to (sequence, head hash), as some other place believes them."""


def state_hash(held: Held) -> str:
    """SHA-256 over the saga's canonical JSON: equal logs give equal hashes."""
    return hashlib.sha256(held.saga.model_dump_json().encode()).hexdigest()


async def verify(reader: Reader, codec: Codec, view: Heads | None = None) -> dict[str, Any]:
    """Refold `campaign.log` from its first record. The same log gives the same report.

    `problems` is empty where every chain holds and the view (if given) agrees with the log.
    """
    partitions = await reader.partitions(topics.LOG)
    sagas: dict[str, Held] = {}
    heads: dict[str, dict[str, Any]] = {}
    problems: list[str] = []
    for number in range(partitions):
        found, problem = await _partition(reader, codec, number)
        if problem:
            problems.append(problem)
        sagas.update(found.sagas)
        heads[str(number)] = _heads(found)
    if view is not None:
        problems.extend(_differences(sagas, view))
    return {
        "partitions": heads,
        "campaigns": {
            campaign_id: {
                "sequence": held.saga.sequence,
                "state": held.saga.campaign_state.value,
                "head_hash": held.head_hash,
                "state_hash": state_hash(held),
            }
            for campaign_id, held in sorted(sagas.items())
        },
        "without_obligation": sorted(
            campaign_id
            for campaign_id, held in sagas.items()
            if not held.saga.life.ended and not held.saga.obligations
        ),
        "problems": problems,
    }


async def _partition(reader: Reader, codec: Codec, number: int) -> tuple[Restored, str]:
    partition = TopicPartition(topics.LOG, number)
    bounds = (await reader.ends([partition]))[partition]
    found = Restored(codec, number)
    try:
        async for record in reader.read({partition: bounds[0]}, {partition: bounds[1]}):
            found.fact(record)
        found.end()
    except LogBroken as broken:
        return found, str(broken)
    return found, "; ".join(found.strangers())


def _heads(found: Restored) -> dict[str, Any]:
    """One partition's summary: a cut tail or a missing campaign changes it."""
    heads = sorted((key, held.saga.sequence, held.head_hash) for key, held in found.sagas.items())
    return {
        "campaigns": len(found.sagas),
        "facts": sum(held.saga.sequence for held in found.sagas.values()),
        "foreign_records": found.skipped,
        "heads_hash": hashlib.sha256(json.dumps(heads).encode()).hexdigest(),
    }


def _differences(sagas: Mapping[str, Held], view: Heads) -> list[str]:
    found = []
    for campaign_id, held in sorted(sagas.items()):
        known = view.get(campaign_id)
        if known is None:
            found.append(f"{campaign_id}: in the log, not in the view")
        elif known != (held.saga.sequence, held.head_hash):
            found.append(f"{campaign_id}: log at {held.saga.sequence}, view at {known[0]}")
    found.extend(f"{lost}: in the view, not in the log" for lost in sorted(set(view) - set(sagas)))
    return found
