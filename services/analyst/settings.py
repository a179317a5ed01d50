"""What the analyst is told from outside: the chassis's settings and its own."""

from pydantic import Field

from chassis.settings import ChassisSettings


class AnalystSettings(ChassisSettings):
    """Settings of the analyst; the name of the environment variable is the field in capitals."""

    lessons_limit: int = Field(5, ge=0, le=50, description="lessons recalled for one strategy")
