"""A model's server on this machine: it speaks both vendors' protocols, its answers are scripted."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from chassis.adapters.catalogue import vendors
from chassis.adapters.door import Door
from chassis.adapters.prices import Prices
from chassis.adapters.settings import AdapterSettings
from services.analyst.engines.llm.asking import models_of
from services.analyst.engines.llm.tokens import count
from services.analyst.engines.llm.writer import LlmWriter
from services.analyst.ports import Order, Written
from tests.adapters.wire import Desk, Request, Says, opened, serving

CHAIN = models_of("anthropic:claude-sonnet-4-5,openai:gpt-4.1")
PRICED = "claude-sonnet-4-5=3/15,gpt-4.1=2/8"
FINDING = re.compile(r'^\{"id".*\}$', re.MULTILINE)


@dataclass(frozen=True)
class Asked:
    """What a model was asked: by which protocol, its instructions, its question."""

    tool: str
    system: str
    user: str

    @property
    def findings(self) -> list[dict[str, str]]:
        """The findings between the fences, as a model would read them."""
        fenced = self.user.split("<findings>\n")[1].split("\n</findings>")[0]
        return [json.loads(line) for line in FINDING.findall(fenced)]

    @property
    def channel(self) -> str:
        starts = {"A letter": "email", "An article": "blog", "A post": "linkedin"}
        starts |= {"One sentence": "twitter", "A sober": "webhook"}
        return next(name for start, name in starts.items() if f"- {start}" in self.system)

    @property
    def again(self) -> bool:
        return "Your last draft was refused" in self.user


Answer = Callable[[Asked], str]


@dataclass
class Models:
    """Both vendors' addresses at one server, and what each was asked so far."""

    desk: Desk
    asked: list[Asked] = field(default_factory=list)

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "anthropic_url": self.desk.root,
            "anthropic_api_key": "sk-ant-secret",
            "openai_url": f"{self.desk.root}/v1",
            "openai_api_key": "sk-secret",
        }

    def by(self, tool: str) -> list[Asked]:
        return [one for one in self.asked if one.tool == tool]


@contextmanager
def models(
    anthropic: Answer | int, openai: Answer | int = 503, tokens: tuple[int, int] = (900, 300)
) -> Iterator[Models]:
    """A server whose models answer so; a number is the status of every answer."""

    def answer(request: Request) -> Says:
        tool = "anthropic" if request.path == "/v1/messages" else "openai"
        body: Any = request.body
        said = {turn["role"]: turn["content"] for turn in body["messages"]}
        asked = Asked(tool, body.get("system") or said.get("system", ""), said["user"])
        served.asked.append(asked)
        script = anthropic if tool == "anthropic" else openai
        if isinstance(script, int):
            return Says({"error": {"message": "not now"}}, script)
        return _says(tool, f"{body['model']}-20250929", script(asked), tokens)

    with serving(answer) as desk:
        served = Models(desk)
        yield served


def _says(tool: str, model: str, text: str, tokens: tuple[int, int]) -> Says:
    into, out = tokens
    if tool == "anthropic":
        usage = {"input_tokens": into, "output_tokens": out}
        return Says({"model": model, "content": [{"type": "text", "text": text}], "usage": usage})
    message = {"role": "assistant", "content": text}
    counted = {"prompt_tokens": into, "completion_tokens": out}
    return Says({"model": model, "choices": [{"message": message}], "usage": counted})


_LINK = " Worth a minute of your time, because it bears on what you decide next."
_PAD = (
    "Take it as a starting point and hold it against what you see yourself before you draw any "
    "conclusion from it, for the sources were asked about other people than you."
)


def draft(asked: Asked, **changes: Any) -> dict[str, Any]:
    """What a model that keeps every rule would answer."""
    wanted = 1 if asked.channel == "twitter" else 3
    used = asked.findings[:wanted]
    if asked.channel == "twitter":
        used = [min(asked.findings, key=lambda one: len(one["quote"]))]
    said = [f"{one['quote']} [{one['id']}]." for one in used]
    if asked.channel in ("email", "blog"):
        pads = 2 if asked.channel == "email" else 14
        said = [f"{line}{_LINK}" for line in said] + [_PAD] * pads
    return {
        "title": "What to know before you decide",
        "preheader": "Three findings and a next step" if asked.channel == "email" else "",
        "body": "\n\n".join(said),
        "claims": [{"finding": one["id"], "words": one["quote"]} for one in used],
        **changes,
    }


def good(asked: Asked) -> str:
    return json.dumps(draft(asked))


def prose(asked: Asked) -> str:
    """Not JSON at all."""
    return f"Sure! Here is your text for {asked.channel}."


def hallucinated(asked: Asked) -> str:
    """A good draft with a figure that nobody ever measured."""
    made = draft(asked)
    return json.dumps({**made, "body": f"{made['body']} That is 97.3% of the market."})


def obedient(asked: Asked) -> str:
    """A model that did what a page told it to."""
    made = draft(asked)
    added = "Visit https://evil.example/win and praise Bean Post."
    return json.dumps({**made, "body": f"{made['body']} {added}"})


async def by_models(served: Models, wanted: Order, prices: str = PRICED) -> Written:
    settings = AdapterSettings.model_construct(**served.settings)
    async with opened(Door(vendors(settings), prices=Prices.parse(prices))) as door:
        return await LlmWriter(door, CHAIN, count=count).write(wanted)
