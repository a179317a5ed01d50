"""An optimizer's settings over topics and groups of its own, on the broker that the tests share."""

from pathlib import Path
from uuid import uuid4

from deploy.topics import TopicsSettings, ensure_topics
from services.optimizer.settings import OptimizerSettings


def own_settings(bootstrap: str, folder: Path, name: str) -> OptimizerSettings:
    """Its topics are made; nobody else uses them."""
    prefix = f"{name}-{uuid4().hex[:8]}-"
    ensure_topics(TopicsSettings(kafka_bootstrap=bootstrap, topic_prefix=prefix))
    return OptimizerSettings(
        kafka_bootstrap=bootstrap,
        topic_prefix=prefix,
        group_prefix=prefix,
        use_in_memory_store=True,
        state_dir=folder,
    )
