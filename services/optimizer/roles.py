"""Which roles the optimizer plays; it knows no command's meaning."""

from collections.abc import Callable, Mapping

from chassis.broker import Broker
from chassis.claims import FolderClaims
from chassis.codec import Codec
from chassis.following import Follower
from chassis.main import Stream, log_loop
from chassis.service import Role, Wiring
from contracts.envelope import AppName
from services.optimizer.analytics import analytics_role
from services.optimizer.audit_handlers import audit_role
from services.optimizer.learn import learn_role
from services.optimizer.settings import OptimizerSettings


def roles(settings: OptimizerSettings, wiring: Wiring) -> tuple[Role, ...]:
    """Audit, publish, analytics and learn, in the order a campaign meets them."""
    from services.optimizer.publish.handlers import publish_role

    return (
        audit_role(settings, wiring),
        publish_role(settings, wiring),
        analytics_role(settings, wiring),
        learn_role(settings),
    )


def windows(settings: OptimizerSettings, broker: Broker, _: Wiring) -> Stream:
    """What readers do, counted by time and variant."""
    from services.optimizer.stream import WindowStream

    return WindowStream(settings, broker, Codec())


def notices(settings: OptimizerSettings, broker: Broker, wiring: Wiring) -> Stream:
    """What gates decide, told where their reviewers were told."""
    from services.optimizer.review.handlers import desk_of
    from services.optimizer.review.hearing import NOTICES, Hearing
    from services.optimizer.review.story import KINDS

    hearing = Hearing(
        desk=desk_of(settings, wiring.door),
        claims_of=lambda tenant: FolderClaims(settings.artefacts_dir, tenant),
        artefacts=wiring.artefacts,
        clock=wiring.clock,
        fuse=wiring.fuse,
    )
    follower = Follower(KINDS, hearing.hear, codec=Codec(), clock=wiring.clock)
    role = Role(
        name=NOTICES, app=AppName.OPTIMIZER, handlers={}, max_in_flight=settings.max_in_flight
    )
    return log_loop(role, follower, settings, broker)


STREAMS: Mapping[str, Callable[[OptimizerSettings, Broker, Wiring], Stream]] = {
    "windows": windows,
    "notices": notices,
}
"""What runs beside the roles and takes no commands."""
