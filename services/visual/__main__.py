"""Starts the visual service: `python -m services.visual`."""

from chassis.main import main
from contracts.envelope import AppName
from services.visual.roles import roles
from services.visual.settings import VisualSettings

if __name__ == "__main__":
    raise SystemExit(main(AppName.VISUAL, VisualSettings, roles))
