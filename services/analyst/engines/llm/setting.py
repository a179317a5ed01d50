"""From a model's draft to a finished piece: sources, call and footer are ours, never a model's."""

import re
from dataclasses import replace

from contracts.goal import Channel
from services.analyst.engines.embedded import article, letter, posts
from services.analyst.engines.embedded.desk import Block, Claim
from services.analyst.engines.embedded.piece import Piece
from services.analyst.engines.embedded.preparing import Prepared
from services.analyst.engines.llm.draft import Draft
from services.analyst.points import Point

_MARK = re.compile(r"\s*\[(F\d{1,4})\]")
_POSTS = {
    Channel.LINKEDIN: posts.LINKEDIN_CHARS_MAX,
    Channel.WEBHOOK: posts.WEBHOOK_CHARS_MAX,
}
_TITLES = {Channel.EMAIL: letter.SUBJECT_CHARS_MAX, Channel.BLOG: article.TITLE_CHARS_MAX}


def without_marks(text: str) -> str:
    """The draft's words without the marks of findings."""
    return _MARK.sub("", text)


def faults_of_marks(draft: Draft, shown: tuple[Point, ...], channel: Channel) -> tuple[str, ...]:
    """Where marks, claims and the findings that were shown do not belong together."""
    known = {point.id for point in shown}
    claimed = {claim.finding for claim in draft.claims}
    marked = set(_MARK.findall(draft.body))
    faults = [f"{name} is no finding that was given" for name in sorted(claimed | marked)
              if name not in known]  # fmt: skip
    faults += [f"[{name}] has no words in claims" for name in sorted(marked - claimed)]
    faults += [f"put [{name}] behind its words in body" for name in sorted(claimed - marked)]
    if _MARK.search(draft.title) or _MARK.search(draft.preheader):
        faults.append("title and preheader carry no [F1]")
    most = _TITLES.get(channel, posts.TITLE_CHARS_MAX)
    if len(draft.title) > most:
        faults.append(f"title has {len(draft.title)} characters, at most {most} fit")
    if len(draft.preheader) > letter.PREHEADER_CHARS_MAX:
        faults.append(f"preheader: at most {letter.PREHEADER_CHARS_MAX} characters fit")
    return tuple(faults)


def piece_of(text: Prepared, draft: Draft, shown: tuple[Point, ...]) -> Piece:
    """The finished piece; the draft's marks became sources in its channel's manner."""
    points = {point.id: point for point in shown}
    claims = tuple(Claim(points[claim.finding], claim.words) for claim in draft.claims)
    said = [Block(_MARK.sub(r" ⟦\1⟧", draft.body.strip()), claims)]
    return replace(_set(text, said), title=draft.title, preheader=draft.preheader)


def _set(text: Prepared, said: list[Block]) -> Piece:
    desk, terms, channel = text.desk, text.terms, text.channel
    match channel:
        case Channel.EMAIL:
            return letter.typeset(desk, terms, said)
        case Channel.BLOG:
            return article.typeset(desk, terms, said)
        case Channel.TWITTER:
            return posts.typeset_tweet(desk, terms, said)
        case Channel.LINKEDIN | Channel.WEBHOOK:
            tags = terms.hashtags if channel is Channel.LINKEDIN else ()
            blocks = [*said, Block(terms.line()), Block(" ".join(tags))]
            return replace(posts.typeset(desk, blocks, _POSTS[channel]), hashtags=tags)
