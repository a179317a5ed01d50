"""Runs the optimizer's roles, and the windows and notices beside them."""

from chassis.main import main
from contracts.envelope import AppName
from services.optimizer.roles import STREAMS, roles
from services.optimizer.settings import OptimizerSettings

if __name__ == "__main__":
    raise SystemExit(main(AppName.OPTIMIZER, OptimizerSettings, roles, STREAMS))
