"""Scenes and captions: the right words in the right order, long enough to be read."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.visual.captions import web_vtt
from services.visual.clauses import main_clause
from services.visual.storyboard import (
    SECONDS_MAX,
    SECONDS_MIN,
    Scene,
    SceneKind,
    Script,
    duration_ms,
    storyboard,
)

RATE = 25
WORDS = st.lists(st.from_regex(r"[a-z]{1,9}", fullmatch=True), min_size=1)


def script(*messages: str, **changes: str) -> Script:
    fields = {"action": "Book a free check", "website": "https://a.example/", **changes}
    return Script("Nordlicht", "A warm house", messages, **fields)


def test_the_film_tells_headline_then_messages_then_what_to_do() -> None:
    scenes, notes = storyboard(script("First thing.", "Second thing."), RATE)
    assert [scene.text for scene in scenes] == [
        "Nordlicht",
        "A warm house",
        "First thing.",
        "Second thing.",
        "Book a free check",
    ]
    assert scenes[-1].detail == "a.example"
    assert notes == ()


@settings(max_examples=200)
@given(
    headline=WORDS.map(lambda words: " ".join(words)[:200]),
    messages=st.lists(WORDS.map(lambda words: " ".join(words)[:400]), min_size=1, max_size=8),
)
def test_a_film_lasts_twelve_to_twenty_seconds_in_three_to_six_scenes(
    headline: str, messages: list[str]
) -> None:
    scenes, notes = storyboard(Script("N", headline, tuple(messages), "Go"), RATE)
    seconds = duration_ms(scenes, RATE) / 1_000
    assert SECONDS_MIN <= seconds <= SECONDS_MAX
    shown = [scene for scene in scenes if scene.kind is SceneKind.MESSAGE]
    assert 3 <= len(scenes) <= 6
    assert len(shown) + sum("left out" in note for note in notes) == len(messages)


def test_a_message_is_never_cut_inside_a_sentence() -> None:
    long = "This is the claim. " + "And much more follows here " * 10
    scenes, notes = storyboard(script(long, "x" * 181, "Short."), RATE)
    texts = [scene.text for scene in scenes if scene.kind is SceneKind.MESSAGE]
    assert texts == ["This is the claim.", "Short."]
    assert notes == (
        "key message 1 is shown by its first sentence",
        "key message 2 is too long for a scene; it is left out",
    )


HEAT = (
    (
        "Payback periods for waste heat recovery in food and beverage plants have shortened from "
        "5.8 years in 2023 to 3.9 years in 2026."
    ),
    (
        "Food and beverage plants account for 58 percent of all industrial heat pumps installed "
        "since 2022."
    ),
    (
        "An unplanned stop of an industrial heat pump costs a food plant €14,200 on average, "
        "according to a study of 118 plants that the Technical College of Lindhafen published "
        "in June 2026."
    ),
    "Remote monitoring costs €2,100 a year extra in every Calorix plan except Complete.",
)


def test_long_messages_give_way_to_three_that_can_be_read_in_time() -> None:
    headline = "A plant survey typically finds waste heat worth 18% of the process energy cost"
    words = Script("Tessel Thermal", headline, HEAT, "Book a plant survey", "https://t.example/x")
    scenes, notes = storyboard(words, RATE)
    assert [scene.text for scene in scenes if scene.kind is SceneKind.MESSAGE] == [
        HEAT[1],
        "An unplanned stop of an industrial heat pump costs a food plant €14,200 on average.",
        HEAT[3],
    ]
    assert "key message 3 is shown by its main clause" in notes
    assert SECONDS_MIN <= duration_ms(scenes, RATE) / 1_000 <= SECONDS_MAX


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        (
            (
                "Food plants pay €14,200 for a stop, compared with €9,800 in the year before, the "
                "study of the Technical College found."
            ),
            "",
        ),
        (
            (
                "Delivery is free for every Harbourlight plan above £15; smaller orders pay £2.95 "
                "for each parcel that is sent."
            ),
            "Delivery is free for every Harbourlight plan above £15.",
        ),
        (
            (
                "Delivery is free for every plan above £15; but smaller orders pay £2.95 for each "
                "parcel that is sent anywhere."
            ),
            "",
        ),
        (
            (
                "The valley recovered a great deal of waste heat in 2025, which is 35 percent more "
                "than anybody had expected before."
            ),
            "",
        ),
        (
            (
                "When a heat pump stops, according to a study of 118 plants that the college in "
                "Lindhafen published, it costs €9."
            ),
            "",
        ),
    ],
)
def test_a_main_clause_stands_alone_and_keeps_its_figure(sentence: str, shown: str) -> None:
    assert main_clause(sentence) == shown


def test_a_message_that_is_the_headline_is_not_said_twice() -> None:
    scenes, notes = storyboard(script("A warm house.", "Second thing."), RATE)
    assert [s.text for s in scenes if s.kind is SceneKind.MESSAGE] == ["Second thing."]
    assert notes == ("key message 1 is the headline already; it is left out",)


def test_longer_words_stay_longer_on_the_screen() -> None:
    scenes, _ = storyboard(script("Short.", "one two three four five six seven eight nine"), RATE)
    messages = [scene.frames for scene in scenes if scene.kind is SceneKind.MESSAGE]
    assert messages[0] < messages[1]


def test_captions_cover_the_film_without_a_gap_and_escape_markup() -> None:
    scenes = (
        Scene(SceneKind.HEADLINE, "Fish & <chips> --> now", frames=60),
        Scene(SceneKind.CLOSING, "Buy", "a.example", frames=90),
    )
    vtt = web_vtt(scenes, RATE, "en")
    assert vtt.startswith("WEBVTT\n")
    spans = re.findall(r"^(\S+) --> (\S+)$", vtt, re.MULTILINE)
    assert spans == [("00:00:00.000", "00:00:02.400"), ("00:00:02.400", "00:00:06.000")]
    assert "Fish &amp; &lt;chips&gt; --&gt; now" in vtt
    assert "Buy\na.example\n" in vtt
