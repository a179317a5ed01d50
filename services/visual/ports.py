"""What the handlers ask of the drawing processes: orders in, finished bytes out."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from services.visual.storyboard import Scene

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger


class DoesNotFit(ValueError):
    """Words do not fit at a readable size, or a given picture cannot be drawn; the message names
    the field and what to do."""


@dataclass(frozen=True, slots=True)
class PictureOrder:
    """One picture: its size in pixels and what is on it. Texts hold only drawable characters.

    `turn` counts how often the work was sent back: each time another design is taken. `logo` and
    `photo` are files as they came, or empty.
    """

    channel: str
    width: int
    height: int
    business_name: str
    headline: str
    primary: str
    accent: str
    support: str = ""
    action: str = ""
    turn: int = 0
    logo: bytes = b""
    photo: bytes = b""


@dataclass(frozen=True, slots=True)
class Shown:
    """How a text stands in a picture: its role, its size in pixels, its least contrast."""

    role: str
    size_px: float
    contrast: float


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG, notes on what was left out of it, and how its texts stand."""

    png: bytes
    notes: tuple[str, ...] = ()
    shown: tuple[Shown, ...] = ()


class Draw(Protocol):
    """Draws one picture."""

    async def __call__(self, order: PictureOrder) -> Picture:
        """The picture. Raises DoesNotFit or StepError."""
        ...


@dataclass(frozen=True, slots=True)
class FilmOrder:
    """One film: its size in pixels, and the scenes in order; colours as `#rrggbb`.

    `logo` and `photo` are files as they came, or empty.
    """

    width: int
    height: int
    frames_per_second: int
    business_name: str
    primary: str
    accent: str
    scenes: tuple[Scene, ...]
    logo: bytes = b""
    photo: bytes = b""


@dataclass(frozen=True, slots=True)
class Film:
    """A finished film: MP4, and its poster as PNG."""

    mp4: bytes
    poster_png: bytes


class Shoot(Protocol):
    """Makes one film."""

    async def __call__(self, order: FilmOrder, log: "FilteringBoundLogger") -> Film:
        """The film; progress goes to `log`. Raises DoesNotFit, EncoderMissing or StepError."""
        ...


class EncoderMissing(RuntimeError):
    """The optional video encoder is not installed."""
