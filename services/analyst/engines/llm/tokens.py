"""How many tokens a text has, as the embedding model's word pieces count them.

A model's own count differs by a few: its vocabulary is larger, so it mostly needs fewer.
"""

from collections.abc import Callable
from functools import cache

from chassis.embedding import NotEmbedded


def count(text: str) -> int:
    """The word pieces of `text`; its bytes, which no tokenizer exceeds, where there are none.

    The tokenizer is read with the first text, not before.
    """
    return _counter()(text)


@cache
def _counter() -> Callable[[str], int]:
    try:
        from chassis.embedding.minilm import piece_counter

        return piece_counter()
    except (NotEmbedded, ImportError):
        return lambda text: len(text.encode())
