"""What tokens cost: the operator's own table. A model that it does not name has no price here."""

import hashlib
from dataclasses import dataclass, field

UNPRICED = "unpriced"
MICROS_PER_DOLLAR = 1_000_000
TOKENS = 1_000_000


@dataclass(frozen=True, slots=True)
class Prices:
    """Dollars per million tokens, in and out, by model; `version` names the table."""

    version: str = UNPRICED
    by_model: dict[str, tuple[float, float]] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> "Prices":
        """Read `model=in/out,…`. Raises ValueError, and shows how to write it."""
        table: dict[str, tuple[float, float]] = {}
        for entry in filter(None, (part.strip() for part in text.split(","))):
            model, equals, price = entry.rpartition("=")
            into, slash, out = price.partition("/")
            try:
                table[model.strip()] = (float(into), float(out))
            except ValueError:
                equals = ""
            if not (model and equals and slash) or min(table[model.strip()]) < 0:
                raise ValueError(
                    f"MODEL_PRICES: {entry!r} is not model=in/out in dollars per million tokens, "
                    "for example some-model=3/15"
                )
        version = hashlib.sha256(text.encode()).hexdigest()[:12] if table else UNPRICED
        return cls(version, table)

    def micros(self, model: str, tokens_in: int, tokens_out: int) -> tuple[int, str]:
        """Millionths of a dollar, rounded up, and the version of the table that says so."""
        found = self.by_model.get(model)
        if found is None:
            return 0, UNPRICED
        dollars_in, dollars_out = found
        micros = (dollars_in * tokens_in + dollars_out * tokens_out) * MICROS_PER_DOLLAR / TOKENS
        return -int(-micros // 1), self.version
