"""Which roles the optimizer plays; it knows no command's meaning."""

from collections.abc import Callable, Mapping

from chassis.broker import Broker
from chassis.codec import Codec
from chassis.main import Stream
from chassis.service import Role, Wiring
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


def windows(settings: OptimizerSettings, broker: Broker) -> Stream:
    """What readers do, counted by time and variant."""
    from services.optimizer.stream import WindowStream

    return WindowStream(settings, broker, Codec())


STREAMS: Mapping[str, Callable[[OptimizerSettings, Broker], Stream]] = {"windows": windows}
"""What runs beside the roles and takes no commands."""
