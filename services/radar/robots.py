"""What a site's robots.txt allows us to read (RFC 9309). Pure.

https://www.rfc-editor.org/rfc/rfc9309. `Crawl-delay` is not in it, but widely used and honoured.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

PRODUCT = "sagaline-radar"
"""The product token by which a site may speak to us alone."""

BYTES_MAX = 512_000
"""RFC 9309, 2.5: at least 500 KiB are read; what follows is not."""

RULES_MAX = 5_000

_LINE = re.compile(r"^\s*(?P<field>[A-Za-z-]+)\s*:\s*(?P<value>[^#]*)")
_SECONDS = re.compile(r"\d{1,6}(?:\.\d{1,6})?")
_PRODUCT_TOKEN = re.compile(r"^[A-Za-z_-]+|^\*")


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the file: paths like `pattern` may, or may not, be read."""

    allows: bool
    pattern: str
    line: int

    def __str__(self) -> str:
        return f"line {self.line}, {'Allow' if self.allows else 'Disallow'}: {self.pattern}"


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules for us; `delay_s` is the least time between two requests, in seconds."""

    rules: tuple[Rule, ...] = ()
    delay_s: float = 0.0

    def forbidding(self, location: str) -> Rule | None:
        """The rule that forbids an address; None where it may be read.

        The longest pattern decides, and of equally long ones the one that allows (RFC 9309, 2.2.2).
        """
        parts = urlsplit(location)
        path = _escaped((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        if path == "/robots.txt":
            return None
        fitting = [rule for rule in self.rules if _fits(rule.pattern, path)]
        if not fitting:
            return None
        best = max(fitting, key=lambda rule: (len(rule.pattern), rule.allows))
        return None if best.allows else best


ANYTHING = Robots()
"""A site without rules."""


def robots_of(raw: bytes) -> Robots:
    """The rules of a robots.txt that are for us: our own groups, or else those for everybody."""
    own: list[tuple[str, str, int]] = []
    everybody: list[tuple[str, str, int]] = []
    named = False
    agents: set[str] = set()
    in_rules = False
    for field, value, line in _lines(raw):
        if field == "user-agent":
            if in_rules:
                agents, in_rules = set(), False
            token = _PRODUCT_TOKEN.match(value)
            agents.add(token[0].lower() if token else "")
            named = named or PRODUCT in agents
        elif field in ("allow", "disallow", "crawl-delay"):
            in_rules = True
            if PRODUCT in agents:
                own.append((field, value, line))
            if "*" in agents:
                everybody.append((field, value, line))
    return _read(own if named else everybody)


def _lines(raw: bytes) -> Iterator[tuple[str, str, int]]:
    text = raw[:BYTES_MAX].decode("utf-8-sig", errors="replace")
    for number, line in enumerate(text.splitlines(), start=1):
        if match := _LINE.match(line):
            yield match["field"].lower(), match["value"].strip(), number


def _read(lines: list[tuple[str, str, int]]) -> Robots:
    rules = tuple(
        Rule(field == "allow", _escaped(value), line)
        for field, value, line in lines[:RULES_MAX]
        if field != "crawl-delay" and value
    )
    delays = [
        float(value) for field, value, _ in lines if field == "crawl-delay" and _number(value)
    ]
    return Robots(rules, max(delays, default=0.0))


def _number(value: str) -> bool:
    return re.fullmatch(r"\d{1,6}(?:\.\d{1,6})?", value) is not None


def _escaped(path: str) -> str:
    """The path with everything outside of ASCII percent-encoded, for comparing."""
    return quote(path, safe="/%*$?&=;:@+,!'()~#[]")


def _fits(pattern: str, path: str) -> bool:
    """True where the path begins as the pattern says; `*` is anything, a last `$` the end.

    Without regular expressions: a pattern is the site's word and may be hostile.
    """
    anchored = pattern.endswith("$")
    first, *others = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    last = others.pop() if others and anchored else None
    for part in others:
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    if last is not None:
        return path.endswith(last) and len(path) - len(last) >= at
    return not anchored or at == len(path)
