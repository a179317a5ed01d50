"""Runs the analyst's roles."""

from chassis.main import main
from contracts.envelope import AppName
from services.analyst.roles import roles
from services.analyst.settings import AnalystSettings

if __name__ == "__main__":
    raise SystemExit(main(AppName.ANALYST, AnalystSettings, roles))
