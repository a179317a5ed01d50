"""docs/performance.md, made of people's words (templates/) and the newest readings."""

import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from benchmarks import goals
from benchmarks.catalogue import BENCHMARKS
from benchmarks.machine import described
from benchmarks.page.plots import PLOTS, plots
from benchmarks.results import Results
from deploy import pages

TEMPLATES = Path(__file__).with_name("templates")
PAGE = Path("docs/performance.md")
FIGURES = Path("docs/figures")


class Words:
    """What a template may ask for; each answer is Markdown."""

    def __init__(self, results: Results) -> None:
        self._results = results
        self._rows = {row.goal.key: row for row in goals.rows(results)}
        self._plots = plots(results)

    def goals(self) -> str:
        """Every goal beside what was reached."""
        rows = [
            (
                row.goal.says,
                row.goal.asked,
                goals.told(row.reached),
                row.verdict,
                f"`{row.goal.benchmark}`",
            )
            for row in self._rows.values()
        ]
        header = ("what", "goal", "reached: min / **median** / max", "", "read by")
        return pages.table(header, rows).rstrip("\n")

    def reached(self, key: str) -> str:
        """What was reached of one goal: the median, and the ends where there are several."""
        return goals.told(self._rows[key].reached)

    def met(self, key: str) -> str:
        """Whether a goal is met; why not, the table of goals says."""
        return goals.WORDS[self._rows[key].met]

    def table(self, name: str) -> str:
        """A benchmark's own tables."""
        benchmark, result = BENCHMARKS[name], self._results.get(name)
        return benchmark.told(result.figures) if result else ""

    def about(self, name: str) -> str:
        """What a benchmark was read on and with; without a reading, how to get one."""
        result = self._results.get(name)
        if result is None:
            return f'Not measured yet: `make bench ARGS="{name}"`.'
        commit = f" at commit {result.commit}" if result.commit else ""
        settings = ", ".join(f"{key} {value}" for key, value in result.settings.items())
        told = f" Settings: {settings}." if settings else ""
        link = f"[readings](../benchmarks/results/{result.path.name})"
        return f"Read on {result.day}{commit} ({link}): {described(result.machine)}{told}"

    def plot(self, name: str) -> str:
        """A plot, where there are readings for it."""
        if name not in PLOTS:
            raise KeyError(name)
        return _image(name) if name in self._plots else ""

    def picture(self, name: str) -> str:
        """A picture that a command drew into docs/figures, where it did."""
        return _image(name) if (pages.ROOT / FIGURES / f"{name}.svg").exists() else ""


def _image(name: str) -> str:
    return f"![{name}](figures/{name}.svg)"


def page(results: Results) -> str:
    """The whole page."""
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # Markdown, of our own words and figures
    )
    words = Words(results)
    text = found.get_template("performance.md.j2").render(read=words)
    return re.sub(r"\n{3,}", "\n\n", text)


def generated(results: Results) -> pages.Pages:
    """The page and its plots."""
    drawn = {FIGURES / f"{name}.svg": text for name, text in plots(results).items()}
    return {PAGE: page(results), **drawn}
