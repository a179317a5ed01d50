"""Several Kafka nodes on this machine as one cluster, which any one of them may leave by force."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.kafka.broker import HOST, LocalBroker, free_port, new_cluster_id

IN_SYNC_SHORT = 1
"""So many replicas may be missing, and a write that waits for all is still acknowledged."""


class ClusterNode(LocalBroker):
    """One node of a cluster; it needs the others to become ready."""

    def __init__(
        self, home: Path, number: int, controllers: Sequence[int], cluster_id: str
    ) -> None:
        super().__init__(home, properties=_replicated(number, controllers))
        self._own_controller_port = controllers[number - 1]
        self._cluster_id = cluster_id

    def _choose_ports(self) -> None:
        super()._choose_ports()
        self._controller_port = self._own_controller_port

    def _cluster(self) -> str:
        return self._cluster_id


class LocalCluster:
    """So many nodes under `home`, started together; one node is a plain `LocalBroker`.

    Topics have as many replicas as there are nodes, and a write waits for all but one of them: any
    one node may be killed, and started again.
    """

    def __init__(self, home: Path, size: int = 3) -> None:
        self.nodes: tuple[LocalBroker, ...] = (LocalBroker(home),)
        if size > 1:
            controllers, cluster_id = [free_port() for _ in range(size)], new_cluster_id()
            self.nodes = tuple(
                ClusterNode(home / str(number), number, controllers, cluster_id)
                for number in range(1, size + 1)
            )

    @property
    def bootstrap(self) -> str:
        """The addresses for clients."""
        return ",".join(node.bootstrap for node in self.nodes)

    def start(self) -> Self:
        """Start all nodes and return once each answers. Raises BrokerUnavailable."""
        for node in self.nodes:
            node.home.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(len(self.nodes)) as pool:
            started = [pool.submit(node.start) for node in self.nodes]
        try:
            for one in started:
                one.result()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop all nodes; safe to repeat."""
        with ThreadPoolExecutor(len(self.nodes)) as pool:
            for node in self.nodes:
                pool.submit(node.stop)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def _replicated(number: int, controllers: Sequence[int]) -> Mapping[str, str]:
    voters = [f"{node}@{HOST}:{port}" for node, port in enumerate(controllers, start=1)]
    size, in_sync = str(len(controllers)), str(len(controllers) - IN_SYNC_SHORT)
    return {
        "node.id": str(number),
        "controller.quorum.voters": ",".join(voters),
        "default.replication.factor": size,
        "min.insync.replicas": in_sync,
        "offsets.topic.replication.factor": size,
        "transaction.state.log.replication.factor": size,
        "transaction.state.log.min.isr": in_sync,
    }
