"""The documents say what the tree does: settings, metrics, commands, links and numbers."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from prometheus_client import REGISTRY
from pydantic import Field
from pydantic_settings import BaseSettings

from benchmarks.page import page as performance
from benchmarks.results import newest
from chassis import telemetry
from deploy import adapters_page, metrics_table, pages, settings_table
from deploy.cli import app
from deploy.settings_table import SECTIONS, all_settings

ROOT = Path(__file__).parents[2]
ROOMS = ("chassis", "services", "deploy")
GUIDES = ("README.md", "QUICKSTART.md", "CONTRIBUTING.md")
SHELLS = frozenset({"console", "shell", "sh", "bash"})
TARGETS_MIN = 20
PAGES = {
    **settings_table.generated(),
    **metrics_table.generated(),
    **adapters_page.generated(),
    **performance.generated(newest()),
}

GENERATORS = (
    *("deploy.settings_table", "deploy.metrics_table", "deploy.adapters_page"),
    "benchmarks.page",
)

FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
MAKE = re.compile(r"\bmake ([a-z][a-z-]*)")
HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
TARGET = re.compile(r"^([a-z][a-z-]*):(?!=)[^\n]*?(?:## (.*))?$", re.MULTILINE)
PROGRAM = re.compile(r"(?:^|[\s@;])(deploy/[\w./-]+|\.ci/run)")
MODULE = re.compile(r"python -m ([a-z_][\w.]*)")


def documents() -> list[Path]:
    """Every Markdown file of the project: tracked, or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


def without_code(text: str) -> str:
    return re.sub(r"`[^`\n]*`", "", FENCE.sub("", text))


def anchor_of(heading: str) -> str:
    """A heading's anchor as GitHub makes it."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def links(path: Path) -> Iterator[str]:
    for target in LINK.findall(without_code(path.read_text("utf-8"))):
        if not re.match(r"[a-z][a-z+.-]*:", target):
            yield target


def broken(path: Path, target: str) -> bool:
    name, _, anchor = target.partition("#")
    meant = (path.parent / name) if name else path
    if not meant.exists():
        return True
    if not anchor or meant.suffix != ".md":
        return False
    headings = HEADING.findall(FENCE.sub("", meant.read_text("utf-8")))
    return anchor not in {anchor_of(heading) for heading in headings}


def command_lines(path: Path) -> Iterator[str]:
    """What a shell block asks its reader to type; output lines of a console are left out."""
    for language, block in FENCE.findall(path.read_text("utf-8")):
        if language not in SHELLS:
            continue
        for line in block.replace("\\\n", " ").splitlines():
            typed = line.removeprefix("$ ") if language == "console" else line
            if language == "console" and not line.startswith("$ "):
                continue
            if typed.strip() and not typed.lstrip().startswith("#"):
                yield typed.split(" #")[0].strip()


def targets() -> dict[str, str]:
    """Each target of the Makefile and what `make help` says of it."""
    return dict(TARGET.findall((ROOT / "Makefile").read_text("utf-8")))


def commands() -> dict[str, Any]:
    group: Any = typer.main.get_command(app)
    return dict(group.commands)


def sagaline_words(line: str) -> list[str] | None:
    """What follows `sagaline` in a command line; None where it is another program's."""
    words = line.split()
    for place, word in enumerate(words):
        if word.split("/")[-1] == "sagaline" and "=" not in word:
            return words[place + 1 :]
        if "=" not in word:
            return None
    return None


def sagaline_faults(line: str) -> Iterator[str]:
    words = sagaline_words(line)
    if words is None:
        return
    if not words or words[0] not in commands():
        yield f"{line}: sagaline has no such command"
        return
    command, rest = commands()[words[0]], words[1:]
    if hasattr(command, "commands"):  # a group: the next word names one of its commands
        if not rest or rest[0] not in command.commands:
            yield f"{line}: sagaline {words[0]} has no such command"
            return
        command, rest = command.commands[rest[0]], rest[1:]
    known = {name for option in command.params for name in option.opts}
    known |= {name for option in command.params for name in option.secondary_opts}
    for word in rest:
        if word.startswith("-") and word.split("=")[0] not in known | {"--help"}:
            yield f"{line}: sagaline {words[0]} has no {word}"


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_a_generated_page_says_what_the_code_says(path: Path) -> None:
    assert pages.drifted({path: PAGES[path]}) == []


@pytest.mark.parametrize("module", GENERATORS)
def test_the_generators_run_as_the_makefile_runs_them(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", module, "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert f"-m {module} --check\n" in makefile
    assert f"-m {module}\n" in makefile
    assert f"-m {module} --check" in (ROOT / ".ci/run").read_text("utf-8")


def test_a_page_that_was_changed_or_removed_is_found(tmp_path: Path) -> None:
    path = Path("docs/settings.md")
    assert pages.drifted(PAGES, tmp_path) == list(PAGES)
    assert pages.write(PAGES, tmp_path) == list(PAGES)
    assert pages.write(PAGES, tmp_path) == []
    (tmp_path / path).write_text(PAGES[path] + " ", "utf-8")
    assert pages.drifted(PAGES, tmp_path) == [path]


def test_every_setting_has_a_description() -> None:
    silent = [f"{s.section.title}: {s.name}" for s in all_settings() if not s.description.strip()]
    assert silent == []


def test_a_setting_without_a_description_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent(BaseSettings):
        told: int = Field(0, description="told")
        silent: int = 0

    planted = settings_table.Section("Planted", Silent, "none")
    monkeypatch.setattr(settings_table, "SECTIONS", (planted,))
    assert [s.name for s in all_settings() if not s.description] == ["SILENT"]


def test_every_settings_class_of_the_tree_is_in_the_table() -> None:
    found = {
        node.name
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id.endswith("Settings") for base in node.bases)
    }
    assert found == {section.model.__name__ for section in SECTIONS}


def test_the_table_holds_every_field_of_every_class() -> None:
    page = PAGES[Path("docs/settings.md")]
    example = PAGES[Path(".env.example")]
    for section in SECTIONS:
        for field in section.model.model_fields:
            assert f"| `{field.upper()}` |" in page
            assert example.count(f"\n#{field.upper()}=") == 1


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.model.__name__)
def test_the_example_without_its_signs_is_what_holds_without_it(
    section: settings_table.Section, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name in {s.name for s in all_settings()}]:
        monkeypatch.delenv(name)
    file = tmp_path / ".env"
    shown = PAGES[Path(".env.example")]
    file.write_text(re.sub(r"^#(?=[A-Z_]+=)", "", shown, flags=re.MULTILINE), "utf-8")
    model: Any = section.model
    given = {"use_in_memory_store": True} if "use_in_memory_store" in model.model_fields else {}
    with_file = model(_env_file=file, **given).model_dump()
    without = model(_env_file=None, **given).model_dump()
    elsewhere = {s.field for s in all_settings() if s.section is not section}
    shared = {s.field for s in settings_table.settings_of(section)} & elsewhere
    assert with_file.keys() == without.keys()
    for field in with_file.keys() - shared:
        assert with_file[field] == without[field], field


def test_every_metric_is_listed_with_its_labels() -> None:
    listed = {metric.name: metric for metric in metrics_table.metrics()}
    served = {
        sample.name: set(sample.labels) - {"le"}
        for family in REGISTRY.collect()
        for sample in family.samples
        if not family.name.startswith(("python_", "process_"))
    }
    declared = {
        family.name + ("_total" if family.type == "counter" else ""): family
        for metric in vars(telemetry).values()
        if hasattr(metric, "describe") and not isinstance(metric, type)
        for family in metric.describe()
    }
    assert declared.keys() - {"python_info"} <= listed.keys()
    for name, family in declared.items():
        assert listed[name].kind.lower() == family.type
        assert listed[name].meaning == family.documentation
        assert served.get(name, set(listed[name].labels)) == set(listed[name].labels)
    ending = re.compile(r"_(bucket|sum|count|created|total)$")
    assert {ending.sub("", name) for name in served} <= {ending.sub("", name) for name in listed}


def test_every_metric_has_a_meaning_and_a_name_with_its_unit() -> None:
    for metric in metrics_table.metrics():
        assert metric.meaning
        assert (metric.kind == "Counter") == metric.name.endswith("_total"), metric.name


PLANTED = """
import prometheus_client
from prometheus_client import Counter as Count, Gauge
A = Count("a_total", "As", ["x"])
B = Gauge(name="b", documentation="Bs", labelnames=("y",))
C = prometheus_client.Histogram("c_seconds", "Cs")
"""


def test_metrics_are_found_wherever_and_however_they_are_declared(tmp_path: Path) -> None:
    (tmp_path / "services/x").mkdir(parents=True)
    (tmp_path / "services/x/stream.py").write_text(PLANTED)
    found = metrics_table.metrics(tmp_path)
    assert [(m.name, m.kind, m.labels, m.meaning) for m in found] == [
        ("a_total", "Counter", ("x",), "As"),
        ("b", "Gauge", ("y",), "Bs"),
        ("c_seconds", "Histogram", (), "Cs"),
    ]
    computed = "from prometheus_client import Gauge\nA = Gauge(f'a_{1}', 'As')\n"
    (tmp_path / "services/x/stream.py").write_text(computed)
    with pytest.raises(metrics_table.NotLiteral, match=r"services/x/stream\.py:2"):
        metrics_table.metrics(tmp_path)


@pytest.mark.parametrize("name", GUIDES)
def test_every_make_target_that_a_guide_names_exists(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    code = "\n".join([*re.findall(r"`([^`\n]+)`", text), *command_lines(ROOT / name)])
    named = set(MAKE.findall(code))
    assert named
    assert named - targets().keys() == set()


def test_every_command_in_every_document_exists() -> None:
    faults = []
    for path in documents():
        for line in command_lines(path):
            where = path.relative_to(ROOT)
            faults += [f"{where}: make {t}" for t in MAKE.findall(line) if t not in targets()]
            faults += [f"{where}: {fault}" for fault in sagaline_faults(line)]
    assert faults == []


def test_a_command_that_does_not_exist_would_be_found() -> None:
    assert list(sagaline_faults("A=1 .venv/bin/sagaline run x.yaml --watch")) == []
    assert list(sagaline_faults("echo sagaline frobnicate")) == []
    assert list(sagaline_faults("sagaline frobnicate"))
    assert list(sagaline_faults(".venv/bin/sagaline run x.yaml --frobnicate"))


def test_every_relative_link_leads_somewhere() -> None:
    lost = [
        f"{path.relative_to(ROOT)}: {target}"
        for path in documents()
        for target in links(path)
        if broken(path, target)
    ]
    assert lost == []


def test_a_link_that_leads_nowhere_would_be_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# Some `code`, and more\n[a](page.md#some-code-and-more) [b](#no) [c](no.md)\n"
    )
    assert [target for target in links(page) if broken(page, target)] == ["#no", "no.md"]


def test_make_help_lists_at_least_twenty_targets() -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    shown = re.findall(r"^  ([a-z-]+) +\S", done.stdout, re.MULTILINE)
    assert len(shown) >= TARGETS_MIN
    assert sorted(shown) == sorted(targets())
    assert [name for name, said in targets().items() if not said] == []


def test_every_program_that_a_target_runs_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    recipes = "\n".join(line for line in makefile.splitlines() if line.startswith("\t"))
    missing = [name for name in PROGRAM.findall(recipes) if not (ROOT / name).exists()]
    for module in MODULE.findall(recipes):
        place = ROOT / module.replace(".", "/")
        if module != "pytest" and not (
            place.with_suffix(".py").exists() or (place / "__main__.py").exists()
        ):
            missing.append(module)
    assert missing == []


def test_decisions_are_numbered_without_holes() -> None:
    names = sorted(path.name for path in (ROOT / "docs/decisions").glob("*.md"))
    numbers = [int(name[:4]) for name in names]
    assert numbers == list(range(1, len(names) + 1))
    for number, name in zip(numbers, names, strict=True):
        first = (ROOT / "docs/decisions" / name).read_text("utf-8").splitlines()[0]
        assert first.startswith(f"# {number}. "), name


def test_requirements_are_the_lock() -> None:
    assert (ROOT / "requirements.txt").read_text("utf-8") == "-r requirements.lock\n"
    assert (ROOT / "requirements.lock").exists()
