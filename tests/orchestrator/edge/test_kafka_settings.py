"""The edge's own door to Kafka is opened with the same TLS and SASL settings as every other one."""

import ssl
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from services.orchestrator.edge import kafka
from services.orchestrator.edge.kafka import KafkaEdgeLog
from services.orchestrator.edge.log import LogUnavailable
from services.orchestrator.settings import OrchestratorSettings

PASSWORD = "correct horse battery staple"
DATABASE_SECRET = "database-secret"


def settings_with(**given: Any) -> OrchestratorSettings:
    return OrchestratorSettings(
        _env_file=None,
        **{"kafka_bootstrap": "broker-1:9093", "use_in_memory_store": True, **given},
    )


def connection_with(**given: Any) -> dict[str, Any]:
    return kafka._connection(settings_with(**given))


def test_without_a_word_about_security_only_the_brokers_are_told() -> None:
    assert connection_with(instance=3) == {
        "bootstrap_servers": "broker-1:9093",
        "client_id": "edge-3",
        "security_protocol": "PLAINTEXT",
    }


def test_sasl_settings_reach_aiokafka() -> None:
    found = connection_with(
        kafka_security_protocol="SASL_PLAINTEXT",
        kafka_sasl_mechanism="SCRAM-SHA-256",
        kafka_sasl_username="sagaline",
        kafka_sasl_password=PASSWORD,
    )
    assert found["security_protocol"] == "SASL_PLAINTEXT"
    assert found["sasl_mechanism"] == "SCRAM-SHA-256"
    assert found["sasl_plain_username"] == "sagaline"
    assert found["sasl_plain_password"] == PASSWORD
    assert "ssl_context" not in found


@pytest.mark.parametrize("protocol", ["SSL", "SASL_SSL"])
def test_tls_verifies_the_broker_and_its_name(protocol: str) -> None:
    context = connection_with(kafka_security_protocol=protocol)["ssl_context"]
    assert isinstance(context, ssl.SSLContext)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_the_files_of_tls_are_the_ones_that_the_settings_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: dict[str, str | None] = {}

    def context(**files: str | None) -> ssl.SSLContext:
        asked.update(files)
        return ssl.create_default_context()

    monkeypatch.setattr(kafka, "create_ssl_context", context)
    connection_with(kafka_security_protocol="SSL")
    assert asked == {"cafile": None, "certfile": None, "keyfile": None}
    connection_with(
        kafka_security_protocol="SSL",
        kafka_ssl_ca_location="/etc/ssl/ca.pem",
        kafka_ssl_certificate_location="/etc/ssl/client.pem",
        kafka_ssl_key_location="/etc/ssl/client.key",
    )
    assert asked == {
        "cafile": "/etc/ssl/ca.pem",
        "certfile": "/etc/ssl/client.pem",
        "keyfile": "/etc/ssl/client.key",
    }


def test_a_certificate_that_is_not_there_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        connection_with(
            kafka_security_protocol="SSL", kafka_ssl_ca_location=str(tmp_path / "none.pem")
        )


async def test_aiokafka_takes_the_connection_as_it_is() -> None:
    found = connection_with(
        kafka_security_protocol="SASL_SSL",
        kafka_sasl_mechanism="SCRAM-SHA-512",
        kafka_sasl_username="sagaline",
        kafka_sasl_password=PASSWORD,
    )
    await AIOKafkaProducer(**found).stop()


def test_no_secret_is_in_the_settings_text() -> None:
    settings = settings_with(
        kafka_sasl_password=PASSWORD,
        database_url=f"postgresql+psycopg://sagaline:{DATABASE_SECRET}@127.0.0.1/view",
    )
    for text in (repr(settings), str(settings)):
        assert PASSWORD not in text
        assert DATABASE_SECRET not in text


async def test_a_broker_that_is_not_there_is_named_without_any_secret(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log = KafkaEdgeLog(
        settings_with(
            kafka_bootstrap="127.0.0.1:1",
            kafka_security_protocol="SASL_PLAINTEXT",
            kafka_sasl_mechanism="PLAIN",
            kafka_sasl_username="sagaline",
            kafka_sasl_password=PASSWORD,
        )
    )
    caplog.set_level("DEBUG")
    with pytest.raises(LogUnavailable, match=r"127\.0\.0\.1") as refused:
        await log.check()
    await log.close()
    assert PASSWORD not in str(refused.value) + caplog.text
