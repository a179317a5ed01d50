"""The audit asks for the pictures that the design phase draws."""

from services.optimizer.audit.pictures import SIZES
from services.visual.formats import FORMATS


def test_the_audit_and_the_design_phase_have_one_channel_table() -> None:
    drawn = {channel: (f.purpose, f.width, f.height) for channel, f in FORMATS.items()}
    assert drawn == SIZES
