"""The generator says what has no place on the wire, and which files no longer say what is meant."""

import subprocess
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from pydantic import EmailStr, Field, create_model

from contracts.catalog import CATALOG, Catalog, Entry
from contracts.envelope import Actor, AppName
from contracts.generate.avro import avro_schema
from contracts.generate.files import ROOT, drifted, generated, write
from contracts.generate.shapes import Unrepresentable
from contracts.message import Command, Record


class Illegal(StrEnum):
    DASHED = "not-a-symbol"


class Taken(StrEnum):
    UNKNOWN = "UNKNOWN"


class Flag(Record):
    raw: bytes = b"\x01"


class Inner(Record):
    maybe: str | None = None


def entry_with(base: type[Record | Command] = Record, **fields: Any) -> Entry:
    make: Any = create_model  # its overloads do not take fields that are computed
    return Entry(make("Planted", __base__=base, **fields), 1, "t", AppName.EDGE)


def twins() -> Entry:
    """Two different parts of one name."""
    first = create_model("Part", __base__=Record, a=(str, ...))
    second = create_model("Part", __base__=Record, b=(str, ...))
    return entry_with(first=(first, ...), second=(second, ...))


REFUSED: dict[str, tuple[Callable[[], Entry], str]] = {
    "a record in a union": (lambda: entry_with(a=(Actor | None, None)), "Planted.a: Actor | None"),
    "a choice of types": (lambda: entry_with(a=(str | int, ...)), "Planted.a: a union may only"),
    "a choice of three": (lambda: entry_with(a=(str | int | None, None)), "a union may only"),
    "a mutable list": (lambda: entry_with(a=(list[str], ())), r"Planted.a: list\[str\] has no"),
    "a pair": (lambda: entry_with(a=(tuple[str, int], ...)), "Planted.a: tuple.* has no shape"),
    "a map by number": (lambda: entry_with(a=(dict[int, str], ...)), "Planted.a: dict.* has no"),
    "a plain address": (lambda: entry_with(a=(EmailStr, ...)), "Planted.a: .*EmailStr.* has no"),
    "an enum value that Avro cannot name": (lambda: entry_with(a=(Illegal, ...)), "'not-a-symbol'"),
    "an enum value that means unknown": (lambda: entry_with(a=(Taken, ...)), "'UNKNOWN' cannot"),
    "a text where null is allowed": (lambda: entry_with(a=(str | None, "x")), "must be None"),
    "a text inside a default": (
        lambda: entry_with(a=(Inner, Inner(maybe="x"))),
        "Planted.a: Inner.maybe: in a default it must be None",
    ),
    "bytes by default": (lambda: entry_with(a=(Flag, ...)), "Flag.raw: bytes may only be empty"),
    "two parts of one name": (twins, "two types are called Part"),
    "a field called envelope": (lambda: entry_with(envelope=(str, ...)), "Planted.envelope: the"),
    "a command's field called call": (
        lambda: entry_with(Command, call=(str, ...)),
        "Planted.call: the name is the wire record's own",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_has_no_place_on_the_wire_is_refused_by_name(what: str) -> None:
    make, reason = REFUSED[what]
    with pytest.raises(Unrepresentable, match=reason):
        avro_schema(make())


def test_defaults_become_avro_defaults() -> None:
    goal = avro_schema(CATALOG.by_name["CreateCampaign"])["fields"][-1]["type"]
    defaults = {each["name"]: each["default"] for each in goal["fields"] if "default" in each}
    assert defaults["sources"] == []
    assert defaults["metadata"] == {}
    assert defaults["variants"] == 2
    assert defaults["generate_video"] is False
    assert defaults["scheduled_at"] is None
    assert defaults["language"] == "en"
    assert defaults["brand_voice"]["banned_words"] == []
    assert "name" not in defaults


def test_a_part_is_defined_once_and_then_named() -> None:
    fields = avro_schema(CATALOG.by_name["StrategyBuilt"])["fields"][-1]["type"]["fields"]
    types = {each["name"]: each["type"] for each in fields}
    assert types["audience"]["name"] == "CitedStatement"
    assert types["positioning"] == "sagaline.CitedStatement"
    assert types["risks"] == {"type": "array", "items": "sagaline.CitedStatement"}


def test_each_file_that_drifted_is_named_and_no_other(tmp_path: Path) -> None:
    assert set(write(tmp_path)) == set(generated(tmp_path))
    assert drifted(tmp_path) == []
    victims = [Path("contracts/schemas/CancelCampaign.v1.avsc"), Path("docs/messages.md")]
    for victim in victims:
        (tmp_path / victim).write_text("something else\n", "utf-8")
    assert drifted(tmp_path) == victims
    assert write(tmp_path) == victims
    assert drifted(tmp_path) == []


def test_an_older_versions_schema_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, Catalog([entry_with(a=(str, ...))]))
    first = tmp_path / "contracts/schemas/Planted.v1.avsc"
    before = first.read_bytes()
    second = entry_with(a=(str, ...), b=(int, Field(default=0)))
    write(tmp_path, Catalog([Entry(second.model, 2, "t", AppName.EDGE, version=2)]))
    assert first.read_bytes() == before
    assert (tmp_path / "contracts/schemas/Planted.v2.avsc").exists()


def test_the_command_checks_what_is_committed() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "contracts.generate", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
