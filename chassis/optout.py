"""Who wants no more mail: one claim per tenant and person. It knows no mail, no page, no address.

The edge makes the claim and every sender asks for it; nobody takes it back.
"""

from chassis.claims import Claims


def optout_key(subject_id: str) -> str:
    """The claim's key; the subject id stands for the person, their address is nowhere in it."""
    return f"optout-{subject_id}"


async def opt_out(claims: Claims, subject_id: str, *, said: str) -> bool:
    """Record the wish, with when and where it was said; False where it was recorded before."""
    return await claims.claim(optout_key(subject_id), said)


async def opted_out(claims: Claims, subject_id: str) -> bool:
    """True where this person is not to be written to."""
    return await claims.owner(optout_key(subject_id)) is not None
