"""The writer that asks models in turn, checks every answer, and falls back to the embedded one.

A text that no model writes within the rules is the embedded writer's, and the notes say so.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from chassis.adapters.door import Door
from contracts.content import ContentItem
from contracts.envelope import Usage
from services.analyst.context import Count, Weights
from services.analyst.engines.embedded.items import citations_wanted, item_of, shortfalls
from services.analyst.engines.embedded.preparing import VARIANTS, Prepared, prepared
from services.analyst.engines.embedded.writer import EmbeddedWriter, order_notes
from services.analyst.engines.llm.asking import Limits, Model, NotAsked, Session
from services.analyst.engines.llm.draft import NotADraft, read_draft
from services.analyst.engines.llm.prompts import Prompt, Router
from services.analyst.engines.llm.setting import faults_of_marks, piece_of, without_marks
from services.analyst.engines.llm.spending import Purse
from services.analyst.feedback import Wishes, read, wishes_for
from services.analyst.languages import language_of
from services.analyst.ports import Order, Written
from services.analyst.rules import faults_of, faults_of_draft

ASKED_AGAIN_MAX = 2
"""How often one model is asked again for one text, each time with what was wrong."""


@dataclass(frozen=True, slots=True)
class _Text:
    """One finished text: which model wrote it (None: the embedded writer), and why not another."""

    item: ContentItem
    model: Model | None
    notes: tuple[str, ...]
    short_of: tuple[str, ...] = ()


class _Refused(Exception):
    """A draft breaks the rules; `faults` say how."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


class LlmWriter:
    """A Writer over the models of `chain`, the first of them that writes within the rules.

    A model whose adapter is not configured is left out; where none is, nobody is asked.
    """

    def __init__(
        self,
        door: Door,
        chain: Sequence[Model],
        *,
        count: Count,
        weights: Weights | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._door = door
        self._chain = tuple(chain)
        self._router = Router(count, weights or Weights())
        self._limits = limits or Limits()
        self._embedded = EmbeddedWriter()

    @property
    def languages(self) -> frozenset[str]:
        """What the embedded writer can, for every text may fall back to it."""
        return self._embedded.languages

    async def write(self, order: Order) -> Written:
        """One item per channel and variant. Raises CannotWrite, before anybody is asked."""
        fallback = await self._embedded.write(order)
        models = [model for model in self._chain if self._door.configured(model.tool)]
        if not models:
            return fallback
        session = Session.within(self._limits, self._door, Purse.of(order.command))
        spare = {item.id: item for item in fallback.items}
        texts = await asyncio.gather(
            *(
                self._text(session, models, order, (text, wishes, spare[text.item_id]))
                for text, wishes in await asyncio.to_thread(_prepared, order)
            )
        )
        return _written(order, texts, fallback, session)

    async def _text(
        self,
        session: Session,
        models: Sequence[Model],
        order: Order,
        asked: tuple[Prepared, Wishes, ContentItem],
    ) -> _Text:
        """The first model's text that keeps the rules, else the embedded writer's."""
        text, wishes, spare = asked
        why: list[str] = []
        for model in models:
            try:
                item, short_of = await self._by(session, model, order, (text, wishes))
            except (NotAsked, _Refused) as reason:
                why.append(f"{model}: {reason}")
                continue
            notes = tuple(f"{text.item_id}: {note}" for note in text.notes)
            told = (f"{text.item_id}: written by {model}; {'; '.join(why)}",) if why else ()
            return _Text(item, model, notes, (*told, *short_of))
        said = f"{text.item_id}: written by the embedded writer; {'; '.join(why)}"
        return _Text(spare, None, (), (said,))

    async def _by(
        self, session: Session, model: Model, order: Order, asked: tuple[Prepared, Wishes]
    ) -> tuple[ContentItem, tuple[str, ...]]:
        """One model's text, asked again with what was wrong. Raises NotAsked and _Refused."""
        text, wishes = asked
        prompt = self._router.solver(order, text)
        for again in range(ASKED_AGAIN_MAX + 1):
            if prompt is None:
                raise NotAsked("its budget of tokens carries no finding", for_good=False)
            key = f"{order.campaign_id}/{text.item_id}/{again}"
            answer = await session.ask(model, prompt, key)
            try:
                return _checked(order, text, wishes, (answer, prompt))
            except _Refused as refusal:
                if again == ASKED_AGAIN_MAX:
                    raise
                prompt = self._router.rewriter(order, text, refusal.faults)
        raise AssertionError("a text is asked for at least once")


def _prepared(order: Order) -> list[tuple[Prepared, Wishes]]:
    readings = read(order.feedback)
    texts = []
    for channel in dict.fromkeys(order.command.channels):
        for variant in range(order.command.variants):
            wishes = wishes_for(f"{channel}-{VARIANTS[variant]}", readings)
            texts.append((prepared(order, channel, variant, wishes), wishes))
    return texts


def _checked(
    order: Order, text: Prepared, wishes: Wishes, answered: tuple[str, Prompt]
) -> tuple[ContentItem, tuple[str, ...]]:
    """The answer as an item that keeps every rule, and what is short of it. Raises _Refused."""
    answer, prompt = answered
    try:
        draft = read_draft(answer)
    except NotADraft as refusal:
        raise _Refused((str(refusal),)) from refusal
    said = without_marks(f"{draft.title}\n{draft.preheader}\n{draft.body}")
    faults = (
        *faults_of_marks(draft, prompt.points, text.channel),
        *faults_of_draft(said, text.desk.points, text.desk.voice),
    )
    if language_of(without_marks(draft.body)) not in {"", order.language}:
        faults += (f"body is not in the language asked for ({order.language})",)
    if faults:
        raise _Refused(faults)
    piece = piece_of(text, draft, prompt.points)
    item = item_of(order, text, piece)
    faults = faults_of(item, order.command)
    wanted = min(citations_wanted(text.channel), len(prompt.points))
    if len({claim.finding for claim in draft.claims}) < wanted:
        faults += (f"it rests on too few findings; use {wanted}",)
    if piece.size > piece.most:
        faults += (f"{piece.size} {piece.unit}, at most {piece.most} fit",)
    if piece.size < piece.least and not wishes.shorter:
        faults += (f"{piece.size} {piece.unit}, at least {piece.least} are wanted",)
    if faults:
        raise _Refused(faults)
    return item, shortfalls(item, piece, wishes)


def _written(order: Order, texts: Sequence[_Text], fallback: Written, session: Session) -> Written:
    """All texts together; of the embedded writer's notes only those on texts that are its own."""
    by_models = tuple(f"{text.item.id}:" for text in texts if text.model is not None)
    kept = [note for note in fallback.short_of if not note.startswith(by_models)]
    notes = (
        [note for note in fallback.notes if not note.startswith(by_models)]
        if len(by_models) < len(texts)
        else [*order_notes(order.command)]
    )
    return Written(
        items=tuple(text.item for text in texts),
        usage=_usage(texts, session.usage),
        notes=tuple(dict.fromkeys((*notes, *(note for text in texts for note in text.notes)))),
        short_of=tuple(dict.fromkeys((*(n for t in texts for n in t.short_of), *kept))),
        agents=session.agents or fallback.agents,
    )


def _usage(texts: Sequence[_Text], taken: Usage) -> Usage:
    """What was taken, under the names of those whose texts stand."""
    tools = dict.fromkeys(text.model.tool if text.model else "embedded" for text in texts)
    names = dict.fromkeys(text.model.name for text in texts if text.model)
    named = {"provider": "+".join(tools)[:60], "model": " ".join(names)[:120]}
    return taken.model_copy(update=named)
