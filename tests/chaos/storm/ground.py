"""Where a storm takes place: one broker's address, one prefix, one folder. It runs nothing."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from chassis.sealing import FileKeyring, seal
from contracts import topics
from contracts.goal import SealedText
from services.optimizer.settings import OptimizerSettings
from tests.chaos.storm.sagas import TENANT

SECRET = "whsec_" + "c2FnYWxpbmUgdGVzdCBzZWNyZXQgb2YgMzIgYnl0ZXM="
CONTACT = "reader@example.com"
ANSWER_TIMEOUT_S = 30.0


class Ground(NamedTuple):
    """What every process of a storm must know."""

    bootstrap: str
    home: Path
    session_s: float
    prefix: str = ""
    webhook_url: str = ""
    smtp_url: str = ""
    region: str = ""
    redis_url: str = ""
    lease_s: float = 3.0

    def settings(self, instance: int = 0) -> OptimizerSettings:
        """The settings of one copy; the optimizer's are the chassis's and more."""
        return OptimizerSettings(
            kafka_bootstrap=self.bootstrap,
            topic_prefix=self.prefix,
            group_prefix=self.prefix,
            use_in_memory_store=not self.redis_url,
            redis_url=self.redis_url,
            region=self.region,
            region_lease_s=self.lease_s,
            state_dir=self.home / "state",
            instance=instance,
            session_timeout_ms=int(self.session_s * 1_000),
            log_level="WARNING",
            webhook_url=self.webhook_url,
            webhook_secret=SECRET,
            smtp_url=self.smtp_url,
        )

    def contact(self) -> SealedText:
        """The one reader of all mails, sealed."""
        keyring = FileKeyring(self.settings().keyring_dir)
        return seal(keyring, TENANT, CONTACT)

    def make_topics(
        self, names: Sequence[str], *, partitions: int = topics.PARTITIONS, replicas: int = 1
    ) -> None:
        """Make topics; with replicas, all but one of them acknowledge. Raises KafkaException."""
        admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        config = {"min.insync.replicas": str(max(1, replicas - 1))}
        new = [NewTopic(self.prefix + name, partitions, replicas, config=config) for name in names]
        for future in admin.create_topics(new).values():
            future.result(ANSWER_TIMEOUT_S)
