"""The saga: a pure engine, definitions as data, and the worker that runs them on Kafka."""
