"""The design and video phases: commands in, results out. Nothing here knows Kafka or a font file.

The same command yields the same bytes, so a redelivery stores nothing new.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime

from chassis.artefacts import ArtefactMissing
from chassis.clock import Clock
from chassis.errors import StepError
from chassis.service import Answer, Job
from contracts.design import (
    Asset,
    DeleteDesignAssets,
    DesignRendered,
    FurtherPicture,
    RenderDesign,
    ShownText,
    TextRole,
)
from contracts.envelope import AgentRun, ArtefactRef, FailureReason, StepOutcome
from contracts.goal import Channel, PictureFormat
from contracts.saga import StepUndone
from contracts.video import DeleteVideo, RenderVideo, UprightFilm, VideoRendered
from services.visual import typeface
from services.visual.captions import web_vtt
from services.visual.formats import FORMATS, FURTHER
from services.visual.ports import (
    DoesNotFit,
    Draw,
    EncoderMissing,
    Film,
    FilmOrder,
    Picture,
    PictureOrder,
    Shoot,
)
from services.visual.storyboard import Script, duration_ms, storyboard
from services.visual.wording import Wording, named, shown

FRAMES_PER_SECOND = 25
LINE_CHARS_MAX = 300
PNG, MP4, VTT = "image/png", "video/mp4", "text/vtt"


async def render_design(command: RenderDesign, job: Job, *, draw: Draw, clock: Clock) -> Answer:
    """Draw a picture for each channel and further format, several at once; store each.

    Raises StepError(INVALID_INPUT) where the words cannot be drawn or do not fit, and where logo
    or photo cannot be used.
    """
    channels = tuple(dict.fromkeys(command.channels))
    if not channels:
        raise _invalid("channels is empty; name at least one channel to draw for")
    words = _Words()
    headline = words.needed("headline", command.headline)
    business_name = words.needed("business_name", command.business_name)
    always = (business_name, headline)
    orders = [_order(command, job, channel, always, words) for channel in channels]
    orders += [_further(orders[0], wanted) for wanted in dict.fromkeys(command.formats)]
    given = await _given(command.logo_digest, command.photo_digest, job)
    pictures = await _all_drawn(
        [replace(order, logo=given.logo, photo=given.photo) for order in orders], draw, clock
    )
    # Stored only when every one exists: a step that fails leaves no references behind.
    drawn = [await _stored(picture, job) for picture in pictures]
    left_out = tuple(note for done in drawn for note in done.notes)
    return Answer(
        DesignRendered(
            assets=tuple(done.made for done in drawn if isinstance(done.made, Asset)),
            further=tuple(done.made for done in drawn if isinstance(done.made, FurtherPicture)),
        ),
        outcome=StepOutcome.DEGRADED if words.degraded else StepOutcome.SUCCEEDED,
        artefacts=tuple(done.ref for done in drawn),
        agents=tuple(done.agent for done in drawn),
        notes=(*words.notes, *left_out),
    )


async def delete_design_assets(command: DeleteDesignAssets, job: Job) -> Answer:
    """Drop the step's references; the bytes stay for campaigns that share them."""
    return await _released(job, "pictures")


async def render_video(
    command: RenderVideo, job: Job, *, shoot: Shoot, clock: Clock, height: int
) -> Answer:
    """Film headline, key messages and call to action; store film, poster and captions.

    Raises StepError: INVALID_INPUT where the words cannot be filmed, NOT_CONFIGURED without the
    extra `video`.
    """
    words = _Words()
    scenes, notes = storyboard(_script(command, words), FRAMES_PER_SECOND)
    given = await _given(command.logo_digest, command.photo_digest, job)
    order = FilmOrder(
        width=height * 16 // 9 // 2 * 2,
        height=height,
        frames_per_second=FRAMES_PER_SECOND,
        business_name=scenes[0].text,
        primary=command.brand_voice.primary_color,
        accent=command.brand_voice.accent_color,
        scenes=scenes,
        logo=given.logo,
        photo=given.photo,
    )
    begun = clock.now()
    film = await _shot(order, job, shoot)
    upright = None
    if PictureFormat.STORY in command.formats:
        turned = replace(order, width=order.height, height=order.width)
        upright = turned, await _shot(turned, job, shoot)
    took_ms = _ms_since(begun, clock)
    vtt = web_vtt(scenes, FRAMES_PER_SECOND, job.call.language).encode()
    stored = [
        await job.artefacts.put(film.mp4, name="film.mp4", media_type=MP4),
        await job.artefacts.put(film.poster_png, name="film-poster.png", media_type=PNG),
        await job.artefacts.put(vtt, name="film-captions.vtt", media_type=VTT),
    ]
    body = _rendered(order, stored)
    if upright is not None:
        also, refs = await _upright(*upright, job)
        body, stored = body.model_copy(update={"upright": (also,)}), [*stored, *refs]
    return Answer(
        body,
        outcome=StepOutcome.DEGRADED if words.degraded else StepOutcome.SUCCEEDED,
        artefacts=tuple(stored),
        agents=(AgentRun(agent="filmmaker", succeeded=True, duration_ms=took_ms),),
        notes=(*words.notes, *notes),
    )


async def delete_video(command: DeleteVideo, job: Job) -> Answer:
    """Drop the step's references to film, poster and captions."""
    return await _released(job, "files of the film")


@dataclass(frozen=True, slots=True)
class _Drawn:
    made: Asset | FurtherPicture
    ref: ArtefactRef
    agent: AgentRun
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Given:
    logo: bytes
    photo: bytes


class _Words:
    """Checks texts against the typeface, and keeps notes on what it changed."""

    def __init__(self) -> None:
        self._notes: dict[str, None] = {}
        self.degraded = False

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(self._notes)

    def needed(self, field: str, text: str) -> str:
        """The text as it will be shown. Raises StepError where that would not be the same text."""
        wording = self._read(field, text)
        if wording.missing:
            raise _invalid(
                f"{field} has letters that the bundled typeface (Latin, Greek, Cyrillic) cannot "
                f"draw: {named(wording.missing)}; write it in one of these scripts"
            )
        if not wording.text:
            raise _invalid(f"{field} has nothing that can be drawn; give it at least one word")
        return wording.text

    def wished(self, field: str, text: str) -> str:
        """The text as it will be shown, or nothing where letters are missing."""
        wording = self._read(field, text)
        if wording.missing:
            self._notes[f"{field} is left out: cannot draw {named(wording.missing)}"] = None
            self.degraded = True
            return ""
        return wording.text

    def _read(self, field: str, text: str) -> Wording:
        wording = shown(text, typeface.drawable)
        if wording.dropped:
            self._notes[f"{field} is shown without {named(wording.dropped)}"] = None
        return wording


def _order(
    command: RenderDesign, job: Job, channel: Channel, always: tuple[str, str], words: _Words
) -> PictureOrder:
    """What to draw for the channel; the first variant's texts go on its picture."""
    items = sorted((i for i in command.items if i.channel is channel), key=lambda i: i.variant)
    support = words.wished(f"{items[0].id}.preheader", items[0].preheader) if items else ""
    action = words.wished(f"{items[0].id}.call_to_action", items[0].call_to_action) if items else ""
    business_name, headline = always
    return PictureOrder(
        channel=channel.value,
        width=FORMATS[channel].width,
        height=FORMATS[channel].height,
        business_name=business_name,
        headline=headline,
        primary=command.brand_voice.primary_color,
        accent=command.brand_voice.accent_color,
        support=support,
        action=action,
        turn=job.call.round,
    )


def _further(first: PictureOrder, wanted: PictureFormat) -> PictureOrder:
    """The first channel's picture in another format."""
    width, height = FURTHER[wanted]
    return replace(first, channel=wanted.value, width=width, height=height)


async def _given(logo: str | None, photo: str | None, job: Job) -> _Given:
    """The brand's pictures as they came, each empty where there is none."""
    files = []
    for field, digest in (("logo", logo), ("photo", photo)):
        try:
            files.append(await job.artefacts.get(digest) if digest else b"")
        except ArtefactMissing as error:
            raise _invalid(f"{field}: {error}; run the research step again") from error
    return _Given(*files)


async def _all_drawn(
    orders: list[PictureOrder], draw: Draw, clock: Clock
) -> list[tuple[PictureOrder, Picture, int]]:
    """Every picture with how long it took (ms); the error of the first that cannot be drawn."""

    async def timed(order: PictureOrder) -> tuple[PictureOrder, Picture, int]:
        begun = clock.now()
        picture = await draw(order)
        return order, picture, _ms_since(begun, clock)

    outcomes = await asyncio.gather(*map(timed, orders), return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, DoesNotFit):
            raise _invalid(str(outcome)) from outcome
        if isinstance(outcome, BaseException):
            raise outcome
    return [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]


async def _stored(drawn: tuple[PictureOrder, Picture, int], job: Job) -> _Drawn:
    order, picture, took_ms = drawn
    further = order.channel in FURTHER
    file = f"{order.channel}.png" if further else FORMATS[Channel(order.channel)].file
    ref = await job.artefacts.put(picture.png, name=file, media_type=PNG)
    job.log.info(
        "picture_drawn",
        channel=order.channel,
        width=order.width,
        height=order.height,
        size_bytes=ref.size_bytes,
        duration_ms=took_ms,
    )
    agent = AgentRun(agent=f"designer.{order.channel}", succeeded=True, duration_ms=took_ms)
    return _Drawn(_described(order, picture, ref), ref, agent, picture.notes)


def _described(order: PictureOrder, picture: Picture, ref: ArtefactRef) -> Asset | FurtherPicture:
    """The picture as the answer lists it."""
    alt_text = _line(f"{order.business_name}: {order.headline}")
    texts = tuple(
        ShownText(role=TextRole(one.role), size_px=one.size_px, contrast=one.contrast)
        for one in picture.shown
    )
    if order.channel in FURTHER:
        return FurtherPicture(
            format=PictureFormat(order.channel),
            width=order.width,
            height=order.height,
            digest=ref.digest,
            alt_text=alt_text,
            texts=texts,
        )
    channel = Channel(order.channel)
    return Asset(
        channel=channel,
        purpose=FORMATS[channel].purpose,
        width=order.width,
        height=order.height,
        digest=ref.digest,
        headline=order.headline,
        alt_text=alt_text,
        texts=texts,
    )


async def _upright(order: FilmOrder, film: Film, job: Job) -> tuple[UprightFilm, list[ArtefactRef]]:
    """The upright film, stored."""
    mp4 = await job.artefacts.put(film.mp4, name="film-upright.mp4", media_type=MP4)
    poster = await job.artefacts.put(
        film.poster_png, name="film-upright-poster.png", media_type=PNG
    )
    made = UprightFilm(
        digest=mp4.digest, poster_digest=poster.digest, width=order.width, height=order.height
    )
    return made, [mp4, poster]


async def _shot(order: FilmOrder, job: Job, shoot: Shoot) -> Film:
    try:
        return await shoot(order, job.log)
    except DoesNotFit as error:
        raise _invalid(str(error)) from error
    except EncoderMissing as error:
        raise StepError(FailureReason.NOT_CONFIGURED, str(error)) from error


def _rendered(order: FilmOrder, stored: list[ArtefactRef]) -> VideoRendered:
    film, poster, captions = stored
    return VideoRendered(
        digest=film.digest,
        poster_digest=poster.digest,
        captions_digest=captions.digest,
        duration_ms=duration_ms(order.scenes, order.frames_per_second),
        width=order.width,
        height=order.height,
        frames_per_second=order.frames_per_second,
        scenes=tuple(scene.words for scene in order.scenes),
    )


def _script(command: RenderVideo, words: _Words) -> Script:
    plan = command.brief.channel_plan
    action = command.call_to_action or (plan[0].call_to_action if plan else "")
    messages = (
        words.wished(f"brief.key_messages[{index}]", message.text)
        for index, message in enumerate(command.brief.key_messages)
    )
    return Script(
        business_name=words.needed("business_name", command.business_name),
        headline=words.needed("headline", command.headline),
        messages=tuple(filter(None, messages)),
        action=words.wished("call_to_action", action),
        website=words.wished("website", command.website),
    )


async def _released(job: Job, what: str) -> Answer:
    count = await job.artefacts.release()
    job.log.info("references_released", what=what, count=count)
    return Answer(StepUndone(detail=f"released {count} {what}; shared bytes stay stored"))


def _invalid(message: str) -> StepError:
    return StepError(FailureReason.INVALID_INPUT, message)


def _ms_since(begun: datetime, clock: Clock) -> int:
    return int((clock.now() - begun).total_seconds() * 1_000)


def _line(text: str) -> str:
    return text if len(text) <= LINE_CHARS_MAX else text[: LINE_CHARS_MAX - 1] + "…"
