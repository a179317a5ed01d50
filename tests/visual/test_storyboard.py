"""Scenes and captions: the right words in the right order, long enough to be read."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from services.visual.captions import web_vtt
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
    assert SECONDS_MIN <= seconds <= SECONDS_MAX + 0.1 * len(scenes)
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
