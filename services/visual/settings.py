"""What the visual service is told from outside, besides what every process is told."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from chassis.settings import ChassisSettings


def _number(value: object) -> object:
    """The environment knows only text, and a Literal takes no text for a number."""
    return int(value) if isinstance(value, str) and value.strip().isdecimal() else value


class VisualSettings(ChassisSettings):
    """Settings of the visual service."""

    video_height: Annotated[Literal[360, 720, 1080], BeforeValidator(_number)] = Field(
        1080, description="lines of a film (16:9); 720 takes about half as long as 1080"
    )
    pictures_at_once: int = Field(
        3, ge=1, le=16, description="pictures drawn at the same time, each in its own process"
    )
    picture_timeout_s: float = Field(60.0, gt=0, description="when a picture is given up")
    film_timeout_s: float = Field(600.0, gt=0, description="when a film is given up")
