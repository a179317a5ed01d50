"""The two roles of the visual service, bound to the processes that draw for them."""

import asyncio
from functools import partial

from chassis.service import Role, Wiring
from contracts.design import DeleteDesignAssets, RenderDesign
from contracts.envelope import AppName
from contracts.video import DeleteVideo, RenderVideo
from services.visual.child import ChildDraw, ChildShoot
from services.visual.handlers import (
    delete_design_assets,
    delete_video,
    render_design,
    render_video,
)
from services.visual.settings import VisualSettings

FILMS_AT_ONCE = 1
"""A film keeps a processor busy for its whole length: a second one would only delay both."""


def roles(settings: VisualSettings, wiring: Wiring) -> tuple[Role, ...]:
    """The design role and the video role."""
    draw = ChildDraw(asyncio.Semaphore(settings.pictures_at_once), settings.picture_timeout_s)
    shoot = ChildShoot(settings.film_timeout_s)
    film = partial(render_video, shoot=shoot, clock=wiring.clock, height=settings.video_height)
    return (
        Role(
            name="design",
            app=AppName.VISUAL,
            handlers={
                RenderDesign: partial(render_design, draw=draw, clock=wiring.clock),
                DeleteDesignAssets: delete_design_assets,
            },
            max_in_flight=settings.max_in_flight,
            close=draw.close,
        ),
        Role(
            name="video",
            app=AppName.VISUAL,
            handlers={RenderVideo: film, DeleteVideo: delete_video},
            max_in_flight=FILMS_AT_ONCE,
        ),
    )
