"""The local Kafka: pinned jars, one KRaft node, and the process around it."""
