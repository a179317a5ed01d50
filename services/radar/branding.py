"""The brand's own pictures: gets logo and photo as a source is got, and stores them undecoded."""

from chassis.errors import StepError
from chassis.guard import SourceDead, SourceRefused, SourceTrouble
from chassis.service import Job
from contracts.envelope import ArtefactRef, FailureReason
from contracts.research import RunResearch
from services.radar.ports import Library, SourceMissing

PNG, JPEG, WEBP, SVG = "image/png", "image/jpeg", "image/webp", "image/svg+xml"
LOGO_TYPES = frozenset({PNG, JPEG, WEBP, SVG})
PHOTO_TYPES = frozenset({PNG, JPEG, WEBP})
SVG_HEAD_BYTES = 2_000
"""How far into a file its `<svg` may begin: behind a declaration, a comment, a licence."""


async def branded(
    command: RunResearch, job: Job, library: Library
) -> tuple[ArtefactRef | None, ArtefactRef | None]:
    """Logo and photo, stored; None for one that the brief does not name.

    Raises StepError, whose message begins with the field: INVALID_INPUT for what another try would
    not change, UNAVAILABLE where nothing answered.
    """
    logo = await _kept(("logo", command.logo, LOGO_TYPES), job, library)
    photo = await _kept(("photo", command.photo, PHOTO_TYPES), job, library)
    return logo, photo


def kind_of(raw: bytes) -> str:
    """The media type by the file's first bytes; empty for anything that is no known picture."""
    if raw.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if raw.startswith(b"\xff\xd8\xff"):
        return JPEG
    if raw[:4] == b"RIFF" and raw[8:12] == b"WEBP":
        return WEBP
    return SVG if b"<svg" in raw[:SVG_HEAD_BYTES] else ""


async def _kept(
    wish: tuple[str, str, frozenset[str]], job: Job, library: Library
) -> ArtefactRef | None:
    field, location, accepted = wish
    if not location:
        return None
    try:
        raw = await library.picture(location, accepted)
        kind = kind_of(raw)  # a server or a file's name is not believed alone
        if kind not in accepted:
            known = ", ".join(sorted(accepted))
            raise SourceRefused(f"the file is {kind or 'no known picture'}; give one of {known}")
    except SourceTrouble as trouble:
        away = isinstance(trouble, SourceDead) and not isinstance(trouble, SourceMissing)
        reason = FailureReason.UNAVAILABLE if away else FailureReason.INVALID_INPUT
        raise StepError(reason, f"{field}: {location}: {trouble}"[:4_000]) from None
    return await job.artefacts.put(raw, name=f"brand-{field}", media_type=kind)
