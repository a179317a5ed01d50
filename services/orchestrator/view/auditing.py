"""Puts an auditor beside a projector: its partitions, its database, a reader of its own."""

from functools import partial

from chassis.broker import Broker
from chassis.clock import Clock
from chassis.codec import Codec
from contracts import topics
from services.orchestrator.settings import OrchestratorSettings
from services.orchestrator.view.auditor import Auditor, Evidence, Terms
from services.orchestrator.view.database import Database
from services.orchestrator.view.heads import heads_of
from services.orchestrator.view.projector import Projector


def auditor_beside(
    projector: Projector, settings: OrchestratorSettings, broker: Broker, clock: Clock
) -> Auditor:
    """An auditor of whatever partitions of the log the projector holds."""

    def partitions() -> frozenset[int]:
        held = list(projector.moved_to)
        return frozenset(one.partition for one in held if one.topic == topics.LOG)

    database = Database(settings.database_url, settings.view_path)
    evidence = Evidence(broker.reader(), partitions, partial(heads_of, database))
    terms = Terms(settings.audit_records_per_s, settings.audit_patience_s)
    return Auditor(evidence, Codec(), clock, terms)
