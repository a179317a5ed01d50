"""Which partition a key belongs to, computed as Kafka's Java client does; it knows no topics.

The hash is org.apache.kafka.common.utils.Utils#murmur2; librdkafka calls it murmur2_random.
"""

SEED = 0x9747B28C
MULTIPLIER = 0x5BD1E995
WORD = 0xFFFFFFFF
NOT_NEGATIVE = 0x7FFFFFFF


def murmur2(data: bytes) -> int:
    """The 32-bit hash of `data`, unsigned."""
    whole = len(data) // 4 * 4
    digest = SEED ^ len(data)
    for at in range(0, whole, 4):
        part = int.from_bytes(data[at : at + 4], "little") * MULTIPLIER & WORD
        part = (part ^ part >> 24) * MULTIPLIER & WORD
        digest = (digest * MULTIPLIER & WORD) ^ part
    if whole < len(data):
        digest = (digest ^ int.from_bytes(data[whole:], "little")) * MULTIPLIER & WORD
    digest = (digest ^ digest >> 13) * MULTIPLIER & WORD
    return digest ^ digest >> 15


def partition_of(key: bytes, partitions: int) -> int:
    """The partition, of so many, that holds every record with this key."""
    return (murmur2(key) & NOT_NEGATIVE) % partitions
