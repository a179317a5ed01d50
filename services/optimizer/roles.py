"""Which roles the optimizer plays; it knows no command's meaning."""

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
        analytics_role(settings),
        learn_role(settings),
    )
