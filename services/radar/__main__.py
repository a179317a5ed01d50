"""Starts the research service."""

from chassis.main import main
from contracts.envelope import AppName
from services.radar.roles import roles
from services.radar.settings import RadarSettings

if __name__ == "__main__":
    raise SystemExit(main(AppName.RADAR, RadarSettings, roles))
