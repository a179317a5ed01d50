"""What the settings say about TLS and SASL reaches librdkafka, and no secret reaches a log."""

import logging
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaException, Producer
from structlog.testing import CapturingLogger

from chassis.calm import Calm
from chassis.kafka import configuration
from chassis.kafka.configuration import client_options, consumer_options, producer_options
from chassis.main import read_settings
from chassis.settings import ChassisSettings

PASSWORD = "correct horse battery staple"
REDIS_SECRET = "redis-secret"

SECURED = {
    "kafka_security_protocol": "SASL_SSL",
    "kafka_sasl_mechanism": "SCRAM-SHA-512",
    "kafka_sasl_username": "sagaline",
    "kafka_sasl_password": PASSWORD,
    "kafka_ssl_ca_location": "/etc/ssl/ca.pem",
    "kafka_ssl_certificate_location": "/etc/ssl/client.pem",
    "kafka_ssl_key_location": "/etc/ssl/client.key",
}

OPTION_OF = {
    "kafka_security_protocol": "security.protocol",
    "kafka_sasl_mechanism": "sasl.mechanism",
    "kafka_sasl_username": "sasl.username",
    "kafka_sasl_password": "sasl.password",
    "kafka_ssl_ca_location": "ssl.ca.location",
    "kafka_ssl_certificate_location": "ssl.certificate.location",
    "kafka_ssl_key_location": "ssl.key.location",
}


def settings_with(**given: Any) -> ChassisSettings:
    return ChassisSettings(
        _env_file=None,
        kafka_bootstrap="broker-1:9093,broker-2:9093",
        redis_url=f"redis://:{REDIS_SECRET}@127.0.0.1:6379/0",
        **given,
    )


def plain(options: dict[str, Any]) -> dict[str, str]:
    return {name: value for name, value in options.items() if name.startswith(("sasl.", "ssl."))}


def test_every_setting_of_the_connection_becomes_its_option() -> None:
    options = client_options(settings_with(**SECURED))
    assert options["bootstrap.servers"] == "broker-1:9093,broker-2:9093"
    assert {OPTION_OF[name]: value for name, value in SECURED.items()}.items() <= options.items()
    for made in (consumer_options(options), producer_options(options)):
        assert options.items() <= made.items()


def test_every_kafka_setting_is_looked_at_here() -> None:
    of_the_connection = {name for name in ChassisSettings.model_fields if name.startswith("kafka_")}
    assert of_the_connection == {"kafka_bootstrap", *OPTION_OF}


def test_empty_settings_are_left_out_so_that_librdkafka_keeps_its_own_defaults() -> None:
    options = client_options(settings_with())
    assert plain(options) == {}
    assert options["security.protocol"] == "PLAINTEXT"


def test_a_part_of_the_settings_gives_a_part_of_the_options() -> None:
    given = {"kafka_security_protocol": "SSL", "kafka_ssl_ca_location": "/etc/ssl/ca.pem"}
    assert plain(client_options(settings_with(**given))) == {"ssl.ca.location": "/etc/ssl/ca.pem"}


def test_librdkafka_takes_the_options_as_they_are() -> None:
    given = {n: v for n, v in SECURED.items() if not n.startswith("kafka_ssl_")}
    options = client_options(settings_with(**given)) | {"bootstrap.servers": "127.0.0.1:1"}
    Producer(producer_options(options)).flush(0)
    Consumer({**consumer_options(options), "group.id": "g"}).close()


def test_a_wrong_file_is_refused_by_the_library_and_not_passed_over() -> None:
    options = client_options(settings_with(**SECURED))
    with pytest.raises(KafkaException, match=r"ssl\.ca\.location failed"):
        Producer(producer_options(options))


def test_neither_the_password_nor_an_address_with_one_is_in_the_settings_text() -> None:
    settings = settings_with(**SECURED)
    assert settings.kafka_sasl_password == PASSWORD
    for text in (repr(settings), str(settings)):
        assert PASSWORD not in text
        assert REDIS_SECRET not in text
        assert "SCRAM-SHA-512" in text


def test_the_log_of_a_client_that_cannot_connect_names_the_broker_and_no_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard = CapturingLogger()
    monkeypatch.setattr(configuration, "log", heard)
    monkeypatch.setattr(configuration, "_calm", Calm())
    given = {n: v for n, v in SECURED.items() if not n.startswith("kafka_ssl_")}
    given["kafka_security_protocol"] = "SASL_PLAINTEXT"
    options = client_options(settings_with(**given)) | {"bootstrap.servers": "127.0.0.1:1"}
    producer = Producer(producer_options(options))
    for _ in range(10):
        producer.poll(0.1)
    producer.flush(0)
    assert {call.args[0] for call in heard.calls} == {"kafka_library", "kafka_client_error"}
    assert any("127.0.0.1:1" in call.kwargs["detail"] for call in heard.calls)
    assert PASSWORD not in repr(heard.calls)


def test_librdkafkas_lines_do_not_reach_the_root_logger() -> None:
    assert client_options(settings_with())["logger"] is logging.getLogger("librdkafka")
    assert not logging.getLogger("librdkafka").propagate


def test_a_wrong_protocol_is_named_without_any_value(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("USE_IN_MEMORY_STORE", "true")
    monkeypatch.setenv("KAFKA_SASL_PASSWORD", PASSWORD)
    monkeypatch.setenv("KAFKA_SECURITY_PROTOCOL", "TLS")
    assert read_settings(ChassisSettings) is None
    said = capsys.readouterr().err
    assert said.startswith("setting KAFKA_SECURITY_PROTOCOL: ")
    assert len(said.splitlines()) == 1
    assert PASSWORD not in said
