"""An opt-out is for ever, for one person of one tenant."""

from pathlib import Path

from chassis.claims import FolderClaims
from chassis.optout import opt_out, opted_out

TENANT = "7c1d6c36-94d7-4c1b-9a58-0d6cc1f0a001"
OTHER_TENANT = "7c1d6c36-94d7-4c1b-9a58-0d6cc1f0a002"
ADA = "11111111-1111-4111-8111-111111111111"
BO = "22222222-2222-4222-8222-222222222222"


async def test_who_opted_out_stays_out_and_nobody_else_does(tmp_path: Path) -> None:
    claims = FolderClaims(tmp_path, TENANT)
    assert not await opted_out(claims, ADA)
    assert await opt_out(claims, ADA, said="2026-11-20 spring") is True
    assert await opt_out(claims, ADA, said="2026-11-21 autumn") is False
    again = FolderClaims(tmp_path, TENANT)  # another process over the same folder
    assert await opted_out(again, ADA)
    assert not await opted_out(again, BO)
    assert not await opted_out(FolderClaims(tmp_path, OTHER_TENANT), ADA)
