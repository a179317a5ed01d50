"""Where the rows find code and tests."""

from typing import Final

SAGA: Final = "services/orchestrator/saga"
ENGINE: Final = f"{SAGA}/engine"
EDGE: Final = "services/orchestrator/edge"
VIEW: Final = "services/orchestrator/view"
OPTIMIZER: Final = "services/optimizer"
OF_SAGA: Final = "tests/orchestrator/saga"
OF_EDGE: Final = "tests/orchestrator/edge"
DOOR: Final = "chassis/adapters/door.py"
OF_DOOR: Final = "tests/adapters/test_door.py"
