"""What the analyst is told from outside: the chassis's settings and its own."""

from pydantic import Field, ValidationInfo, field_validator

from chassis.settings import ChassisSettings
from services.analyst.engines.llm.asking import Model, models_of


class AnalystSettings(ChassisSettings):
    """Settings of the analyst; the name of the environment variable is the field in capitals."""

    lessons_limit: int = Field(5, ge=0, le=50, description="lessons recalled for one strategy")
    writer_models: str = Field(
        "anthropic:claude-sonnet-4-5,openai:gpt-4.1",
        description="models that write, the first that is configured and keeps the rules, as "
        "adapter:model[,…]; behind them the embedded writer; empty: only that one",
    )
    writer_seconds_max: float = Field(
        300.0, gt=0, le=780, description="how long models are asked for one campaign's texts"
    )
    writer_calls_at_once: int = Field(
        4, ge=1, le=20, description="calls of models at once for one campaign's texts"
    )
    strategist_models: str = Field(
        "anthropic:claude-sonnet-4-5,openai:gpt-4.1",
        description="models that plan the strategy, the first that is configured and keeps the "
        "rules, as adapter:model[,…]; behind them the embedded strategist; empty: only that one",
    )
    strategist_seconds_max: float = Field(
        60.0, gt=0, le=100, description="how long models are asked for one campaign's strategy"
    )
    context_relevance: float = Field(
        1.0, ge=0, description="weight of a finding's relevance when a model's prompt is packed"
    )
    context_kind: float = Field(0.3, ge=0, description="weight of its kind, by the model's role")
    context_recency: float = Field(0.2, ge=0, description="weight of its date")
    context_diversity: float = Field(
        0.4, ge=0, description="weight of its being unlike those already chosen"
    )

    @field_validator("writer_models", "strategist_models")
    @classmethod
    def _models_are_readable(cls, value: str, asked: ValidationInfo) -> str:
        models_of(value, str(asked.field_name).upper())
        return value

    @property
    def models(self) -> tuple[Model, ...]:
        """WRITER_MODELS, read."""
        return models_of(self.writer_models)

    @property
    def planners(self) -> tuple[Model, ...]:
        """STRATEGIST_MODELS, read."""
        return models_of(self.strategist_models)
