"""One key goes to one partition, whichever of our clients writes it."""

import random
from collections import defaultdict
from uuid import UUID, uuid4

from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from chassis.broker import Outgoing, TopicPartition
from chassis.kafka import KafkaBroker
from chassis.memory.partitioner import partition_of
from chassis.settings import ChassisSettings
from contracts.topics import PARTITIONS
from services.orchestrator.edge.kafka import KafkaEdgeLog

SEED = 20_261_121
CAMPAIGNS = 150
ODD_KEYS = 50


def keys() -> list[bytes]:
    """Campaign ids, and keys of every other length and alphabet; the same ones in every run."""
    dice = random.Random(SEED)
    ids = [str(UUID(int=dice.getrandbits(128), version=4)).encode() for _ in range(CAMPAIGNS)]
    odd = [dice.randbytes(length) for length in range(1, ODD_KEYS + 1)]
    return ids + odd


async def test_one_key_lands_on_one_partition_whichever_client_writes_it(broker: str) -> None:
    topic = f"keys-{uuid4().hex[:8]}"
    admin = AdminClient({"bootstrap.servers": broker})
    made = admin.create_topics([NewTopic(topic, PARTITIONS, 1)])
    made[topic].result()
    settings = ChassisSettings(kafka_bootstrap=broker, use_in_memory_store=True)
    kafka, edge = KafkaBroker(settings), KafkaEdgeLog(settings)
    producer = kafka.producer()
    for key in keys():
        await edge.send(Outgoing(topic, key, b"aiokafka"))
    await producer.send([Outgoing(topic, key, b"confluent-kafka") for key in keys()])
    await edge.close()
    await producer.close()
    found: dict[bytes, dict[bytes, int]] = defaultdict(dict)
    reader = kafka.reader()
    partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
    ends = await reader.ends(partitions)
    starts = dict.fromkeys(partitions, 0)
    async for record in reader.read(starts, {tp: end for tp, (_, end) in ends.items()}):
        assert record.key is not None
        assert record.value is not None
        found[record.key][record.value] = record.partition
    await reader.close()
    wanted = {key: partition_of(key, PARTITIONS) for key in keys()}
    assert len(wanted) == CAMPAIGNS + ODD_KEYS
    both = {key: dict.fromkeys((b"aiokafka", b"confluent-kafka"), at) for key, at in wanted.items()}
    assert found == both
    assert set(wanted.values()) == set(range(PARTITIONS))
