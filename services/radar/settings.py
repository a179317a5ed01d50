"""What the research service is told from outside, besides what every process is told."""

from pathlib import Path

from pydantic import Field, field_validator

from chassis.guard import AllowList
from chassis.settings import ChassisSettings


class RadarSettings(ChassisSettings):
    """Settings of the research service."""

    fetch_allow: str = Field(
        "",
        description="inner hosts that may be fetched, as host:port or CIDR, comma-separated",
    )
    sources_dir: Path = Field(
        Path("sources"),
        description="the one folder that sources of kind file are read from, by every tenant",
    )
    fetch_seconds_max: float = Field(15.0, gt=0, description="longest a fetch may take, in seconds")
    fetch_delay_s: float = Field(
        0.2,
        ge=0,
        description="least time between two requests to one host, unless FETCH_ALLOW names it",
    )
    fetch_bytes_max: int = Field(
        5_000_000, gt=0, description="most bytes of a source, after decompression"
    )
    extraction_seconds_max: float = Field(
        10.0, gt=0, description="longest the extraction of one source may take, in seconds"
    )
    extraction_workers: int = Field(2, ge=1, le=16, description="extraction children at once")
    sources_at_once: int = Field(5, ge=1, le=50, description="sources read at once per command")

    @field_validator("fetch_allow")
    @classmethod
    def _allow_list_is_readable(cls, value: str) -> str:
        AllowList.parse(value)
        return value
