"""Which engine makes this process's vectors, by its settings; it imports only that one."""

from collections.abc import Callable

from chassis.embedding import Embedder
from chassis.settings import ChassisSettings


def embedder_of(settings: ChassisSettings) -> Callable[[], Embedder] | None:
    """What makes the engine when it is needed; None where recall goes by words alone."""
    if settings.recall_by == "words":
        return None

    def remote() -> Embedder:
        from chassis.embedding.remote import RemoteEmbedder

        return RemoteEmbedder(
            settings.embeddings_url, settings.embeddings_model, settings.embeddings_key
        )

    def in_process() -> Embedder:
        from chassis.embedding.minilm import MiniLm

        return MiniLm()

    return remote if settings.embeddings_url else in_process
