"""What every strategy by a model must keep: it cites, adds nothing, names each channel."""

from collections.abc import Sequence

from contracts.research import Finding
from contracts.strategy import BuildStrategy
from services.analyst.brand_voice import Voice
from services.analyst.engines.llm.strategy_draft import Said, StrategyDraft
from services.analyst.languages import language_of
from services.analyst.points import Point, subject_words
from services.analyst.rules import faults_of_words, strange_figures


def faults_of_strategy(
    draft: StrategyDraft,
    command: BuildStrategy,
    shown: Sequence[Point],
    voice: Voice,
    language: str,
) -> tuple[str, ...]:
    """What is wrong with it, each named by its place; empty: nothing."""
    known = {point.id: point.finding for point in shown}
    faults = [
        f"{place} {fault}"
        for place, said in draft.places
        for fault in _faults_of(said, known, command)
    ]
    faults += _faults_of_channels(draft, command)
    every = "\n".join((draft.headline, *(said.text for _, said in draft.places)))
    faults += faults_of_words(every, voice)
    leading = {i for said in draft.key_messages for i in said.findings}
    quotes = " ".join(found.quote for name, found in known.items() if name in leading)
    faults += [
        f"headline states {figure}, which no finding of the key messages holds"
        for figure in strange_figures(draft.headline, quotes)
    ]
    if language_of(every) not in {"", language}:
        faults.append(f"it is not in the language asked for ({language})")
    return tuple(dict.fromkeys(faults))


def _faults_of(said: Said, known: dict[str, Finding], command: BuildStrategy) -> list[str]:
    """A statement names findings that were shown, shares words with each, and states no figure that
    neither their quotes nor the goals hold."""
    strangers = [name for name in said.findings if name not in known]
    if strangers:
        return [f"cites {name}, which is no finding that was given" for name in strangers]
    about = subject_words(said.text)
    faults = [
        f"cites {name}, with which it has no word in common"
        for name in said.findings
        if not about & subject_words(f"{known[name].quote} {known[name].claim}")
    ]
    quotes = " ".join((*(known[name].quote for name in said.findings), *command.goals))
    faults += [
        f"states {figure}, which no quote that it cites holds"
        for figure in strange_figures(said.text, quotes)
    ]
    return faults


def _faults_of_channels(draft: StrategyDraft, command: BuildStrategy) -> list[str]:
    told = [angle.channel for angle in draft.channels]
    wanted = tuple(dict.fromkeys(command.channels))
    faults = [f"channels lacks {channel}" for channel in wanted if channel not in told]
    faults += [f"channels names {channel}, which nobody asked for" for channel in told
               if channel not in wanted]  # fmt: skip
    if len(set(told)) < len(told):
        faults.append("channels names one channel twice")
    return faults
