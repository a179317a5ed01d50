"""Anthropic's Messages API: text by a model.

https://docs.anthropic.com/en/api/messages, in the version of 2023-06-01.
"""

from typing import Annotated

from pydantic import BaseModel, Field

from chassis.adapters.description import (
    Action,
    Adapter,
    Args,
    Call,
    Completion,
    Kind,
    Pricing,
    adapter_to,
)
from chassis.adapters.settings import AdapterSettings
from chassis.adapters.vendors.chat import TIMEOUT_S, TOKENS_DEFAULT, Turn
from chassis.adapters.web import Ask, Vendor
from chassis.breaker import PATIENT

API_VERSION = "2023-06-01"


class Messages(Args):
    """A conversation to continue; `system` stands above it."""

    model: Annotated[str, Field(min_length=1)]
    messages: Annotated[tuple[Turn, ...], Field(min_length=1)]
    system: str = ""
    max_tokens: Annotated[int, Field(ge=1)] = TOKENS_DEFAULT


class _Block(BaseModel):
    type: str
    text: str = ""


class _Tokens(BaseModel):
    input_tokens: int
    output_tokens: int


class _Answer(BaseModel):
    model: str
    content: tuple[_Block, ...]
    usage: _Tokens


def anthropic(settings: AdapterSettings) -> Adapter:
    """The adapter as it is configured."""
    vendor = Vendor(
        name="anthropic",
        root=settings.anthropic_url,
        headers={"x-api-key": settings.anthropic_api_key, "anthropic-version": API_VERSION},
        needs={"ANTHROPIC_API_KEY": settings.anthropic_api_key},
        secrets=(settings.anthropic_api_key,),
    )

    async def complete(args: Messages, call: Call) -> Completion:
        body = args.model_dump(mode="json", exclude={"system"})
        if args.system:
            body["system"] = args.system
        found = (await call.web.ask(vendor, Ask("POST", "/v1/messages", body=body))).of(_Answer)
        return Completion(
            text="".join(block.text for block in found.content if block.type == "text"),
            model=found.model,
            tokens_in=found.usage.input_tokens,
            tokens_out=found.usage.output_tokens,
        )

    return adapter_to(
        vendor,
        Kind.MODEL,
        "text by one of Anthropic's models",
        breaker=PATIENT,
        actions=(
            Action(
                name="complete",
                about="continue a conversation",
                args=Messages,
                outcome=Completion,
                run=complete,
                timeout_s=TIMEOUT_S,
                pricing=Pricing.TOKENS,
            ),
        ),
    )
