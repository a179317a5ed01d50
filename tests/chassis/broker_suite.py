"""What every twin of the broker port must do; run on the one in memory and on a real Kafka."""

from tests.chassis.suite_groups import Groups
from tests.chassis.suite_records import Records
from tests.chassis.suite_transactions import AllOrNothing


class BrokerSuite(Records, Groups, AllOrNothing):
    """All behaviours; a subclass brings the fixture `twin`."""
