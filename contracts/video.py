"""The video phase: a short film from the strategy's messages, when the brief asks for one."""

from typing import Annotated

from pydantic import Field

from contracts.goal import BrandVoice, PictureFormat
from contracts.message import Command, Digest, Line, Message, Millis, Result, Undo
from contracts.strategy import StrategyBrief


class RenderVideo(Command):
    """Film the headline, the key messages and the call to action, in that order.

    Where `formats` has the story, the film is made a second time, upright.
    """

    business_name: Line
    headline: Line
    brief: StrategyBrief
    call_to_action: str = ""
    website: str = ""
    brand_voice: BrandVoice = BrandVoice()
    logo_digest: Digest | None = None
    photo_digest: Digest | None = None
    formats: tuple[PictureFormat, ...] = ()


class UprightFilm(Message):
    """The same scenes in 9:16, for stories; captions and length are the film's own."""

    digest: Digest
    poster_digest: Digest
    width: Annotated[int, Field(ge=2)]
    height: Annotated[int, Field(ge=2)]


class VideoRendered(Result):
    """The film exists: H.264 in MP4, with a poster (PNG) and captions (WebVTT).

    `upright` is empty, or the same film once more.
    """

    digest: Digest
    poster_digest: Digest
    captions_digest: Digest
    duration_ms: Millis
    width: Annotated[int, Field(ge=2)]
    height: Annotated[int, Field(ge=2)]
    frames_per_second: Annotated[int, Field(ge=1)]
    scenes: tuple[str, ...]
    upright: tuple[UprightFilm, ...] = ()


class DeleteVideo(Undo):
    """Drop the campaign's reference to its film."""
