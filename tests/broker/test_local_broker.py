"""The Kafka under the suite is real: it keeps what it was given, also over its own death."""

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from deploy.kafka.broker import LocalBroker
from deploy.kafka.jars import BrokerUnavailable

ANSWER_TIMEOUT_S = 30.0


def new_topic(bootstrap: str) -> str:
    topic = f"test.{uuid.uuid4().hex}"
    # The client must outlive the answer: one that is collected cancels what it asked for.
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.create_topics([NewTopic(topic, 1, 1)])[topic].result(ANSWER_TIMEOUT_S)
    return topic


def write(bootstrap: str, topic: str, values: list[bytes]) -> None:
    producer = Producer({"bootstrap.servers": bootstrap, "acks": "all"})
    for value in values:
        producer.produce(topic, value=value)
    assert producer.flush(ANSWER_TIMEOUT_S) == 0


def read(bootstrap: str, topic: str, count: int) -> list[bytes | None]:
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": f"test.{uuid.uuid4().hex}",
            "auto.offset.reset": "earliest",
        }
    )
    consumer.subscribe([topic])
    try:
        records = consumer.consume(count, timeout=ANSWER_TIMEOUT_S)
    finally:
        consumer.close()
    assert [record.error() for record in records] == [None] * len(records)
    return [record.value() for record in records]


def test_what_is_produced_is_consumed(broker: str) -> None:
    topic = new_topic(broker)
    write(broker, topic, [b"one", b"two", b"three"])
    assert read(broker, topic, 3) == [b"one", b"two", b"three"]


def test_a_topic_is_never_made_by_a_typing_error(broker: str) -> None:
    consumer = Consumer({"bootstrap.servers": broker, "group.id": "test.typing-error"})
    consumer.subscribe(["test.no-such-topic"])
    record = consumer.poll(ANSWER_TIMEOUT_S)
    consumer.close()
    assert record is not None
    error = record.error()
    assert error is not None
    assert error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART


@pytest.mark.parametrize("end", [LocalBroker.stop, LocalBroker.kill], ids=["stopped", "killed"])
def test_a_node_started_again_on_its_folder_has_its_records_and_its_address(
    end: Callable[[LocalBroker], None], tmp_path: Path
) -> None:
    with LocalBroker(tmp_path) as node:
        before = node.bootstrap
        topic = new_topic(before)
        write(before, topic, [b"kept"])
        end(node)
        assert node.pid is None
        assert node.start().bootstrap == before
        assert read(before, topic, 1) == [b"kept"]
    assert node.pid is None


def test_a_paused_node_answers_nothing_until_it_is_resumed(tmp_path: Path) -> None:
    with LocalBroker(tmp_path) as node:
        admin = AdminClient({"bootstrap.servers": node.bootstrap})
        node.pause()
        with pytest.raises(KafkaException):
            admin.list_topics(timeout=1)
        node.resume()
        assert len(admin.list_topics(timeout=ANSWER_TIMEOUT_S).brokers) == 1


def test_two_nodes_never_share_a_folder_or_a_port(tmp_path: Path) -> None:
    with LocalBroker(tmp_path / "one") as node:
        with pytest.raises(BrokerUnavailable, match="Another Kafka already runs"):
            LocalBroker(tmp_path / "one").start()
        port = int(node.bootstrap.rpartition(":")[2])
        with pytest.raises(BrokerUnavailable, match=f"Port {port} .* Address already in use"):
            LocalBroker(tmp_path / "two", port=port).start()


def test_without_java_the_operator_reads_one_line_that_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(BrokerUnavailable, match="Java 17 or newer is missing") as caught:
        LocalBroker(tmp_path).start()
    assert "\n" not in str(caught.value)


def test_without_maven_the_operator_reads_one_line_that_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAGALINE_KAFKA_LIBS", str(tmp_path / "libs"))
    monkeypatch.setattr("shutil.which", lambda name, path=None: None if name == "mvn" else name)
    with pytest.raises(BrokerUnavailable, match="Maven is missing") as caught:
        LocalBroker(tmp_path).start()
    assert "\n" not in str(caught.value)
