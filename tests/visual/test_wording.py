"""Words and the font: signs may go, letters may not, and either is said."""

import pytest

from services.visual import typeface
from services.visual.wording import named, shown


def test_signs_that_the_font_lacks_are_dropped_and_named() -> None:
    wording = shown("Fast 🚀 & <safe>", typeface.drawable)
    assert wording.text == "Fast & <safe>"
    assert wording.dropped == ("🚀",)
    assert named(wording.dropped) == "🚀 (U+1F680)"


def test_letters_that_the_font_lacks_are_reported_and_never_dropped_silently() -> None:
    assert shown("Kaffee 珈琲", typeface.drawable).missing == ("珈", "琲")


@pytest.mark.parametrize(
    "text", ["Größe zählt", "Ζεστό σπίτι", "Тёплый дом", "Їжа та ґанок", "Żółw"]
)
def test_latin_greek_and_cyrillic_are_drawn_as_they_are(text: str) -> None:
    wording = shown(text, typeface.drawable)
    assert (wording.text, wording.dropped, wording.missing) == (text, (), ())


def test_what_only_looks_different_is_replaced_by_its_plain_form() -> None:
    assert shown("of\ufb01ce \uff21\uff22", typeface.drawable).text == "office AB"
    assert shown("e\u0301te\u0301", typeface.drawable).text == "été"


def test_invisible_and_direction_marks_never_reach_a_picture() -> None:
    wording = shown("a\u202eb\u200bc\x00d\ufe0fe\tf\ng", typeface.drawable)
    assert wording.text == "abcde f g"
