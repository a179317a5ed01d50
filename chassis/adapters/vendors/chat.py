"""Models behind OpenAI's chat completions: OpenAI-compatible servers, and Perplexity's search.

https://platform.openai.com/docs/api-reference/chat/create and
https://docs.perplexity.ai/api-reference/chat-completions-post. Perplexity answers in the same
shape and names the pages that it read.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from chassis.adapters.description import (
    READING,
    Action,
    Adapter,
    Args,
    Call,
    Completion,
    Kind,
    Pricing,
    adapter_to,
)
from chassis.adapters.failures import misunderstood
from chassis.adapters.settings import AdapterSettings
from chassis.adapters.web import Ask, Vendor, bearer
from chassis.breaker import PATIENT

TOKENS_DEFAULT = 1_500
TIMEOUT_S = 120.0


class Turn(Args):
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


class Chat(Args):
    """A conversation to continue, with at most `max_tokens` of answer."""

    model: Annotated[str, Field(min_length=1)]
    messages: Annotated[tuple[Turn, ...], Field(min_length=1)]
    max_tokens: Annotated[int, Field(ge=1)] = TOKENS_DEFAULT
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.2


class Search(Chat):
    """A question to the web; `model` is one of Perplexity's."""

    model: str = "sonar"


class Source(BaseModel):
    """A page that the answer was made of."""

    url: str
    title: str = ""


class Researched(Completion):
    """What Perplexity wrote, with its sources in the order in which the text numbers them."""

    sources: tuple[Source, ...] = ()


class _Message(BaseModel):
    content: str


class _Choice(BaseModel):
    message: _Message


class _Tokens(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Answer(BaseModel):
    model: str
    choices: tuple[_Choice, ...]
    usage: _Tokens = _Tokens()
    citations: tuple[str, ...] | None = None
    search_results: tuple[Source, ...] | None = None

    @property
    def text(self) -> str:
        return self.choices[0].message.content


def openai(settings: AdapterSettings) -> Adapter:
    """The adapter as it is configured. A server of one's own (another OPENAI_URL) needs no key."""
    own = settings.openai_url != type(settings).model_fields["openai_url"].default
    headers = {"authorization": f"Bearer {settings.openai_api_key or 'none'}"}
    vendor = Vendor(
        name="openai",
        root=settings.openai_url,
        headers=headers,
        needs={"OPENAI_API_KEY": settings.openai_api_key or ("-" if own else "")},
        secrets=(settings.openai_api_key,),
    )

    async def complete(args: Chat, call: Call) -> Completion:
        found = await _asked(vendor, args, call)
        return Completion(
            text=found.text,
            model=found.model,
            tokens_in=found.usage.prompt_tokens,
            tokens_out=found.usage.completion_tokens,
        )

    return adapter_to(
        vendor,
        Kind.MODEL,
        "text by a model behind an OpenAI-compatible API",
        breaker=PATIENT,
        actions=(
            Action(
                name="complete",
                about="continue a conversation",
                args=Chat,
                outcome=Completion,
                run=complete,
                timeout_s=TIMEOUT_S,
                pricing=Pricing.TOKENS,
            ),
        ),
    )


def perplexity(settings: AdapterSettings) -> Adapter:
    """The adapter as it is configured."""
    vendor = bearer(
        "perplexity", settings.perplexity_url, "PERPLEXITY_API_KEY", settings.perplexity_api_key
    )

    async def search(args: Search, call: Call) -> Researched:
        found = await _asked(vendor, args, call)
        sources = found.search_results or tuple(Source(url=url) for url in found.citations or ())
        return Researched(
            text=found.text,
            model=found.model,
            tokens_in=found.usage.prompt_tokens,
            tokens_out=found.usage.completion_tokens,
            sources=sources,
        )

    return adapter_to(
        vendor,
        Kind.RESEARCH,
        "answers from the web, with sources",
        breaker=PATIENT,
        actions=(
            Action(
                name="search",
                about="ask the web a question",
                args=Search,
                outcome=Researched,
                run=search,
                timeout_s=TIMEOUT_S,
                retry=READING,
                pricing=Pricing.TOKENS,
            ),
        ),
    )


async def _asked(vendor: Vendor, args: Chat, call: Call) -> _Answer:
    body = args.model_dump(mode="json")
    found = (await call.web.ask(vendor, Ask("POST", "/chat/completions", body=body))).of(_Answer)
    if not found.choices:
        raise misunderstood(vendor.name, "no choices")
    return found
