"""A text as a reviewer reads it: its marks are shown, and nothing in it runs."""

import pytest

from services.orchestrator.edge.markdown import readable


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Plain\nwords", "<p>Plain<br>words</p>"),
        ("# Head\nbelow", "<h3>Head</h3><p>below</p>"),
        ("- one\n- two\n  more", "<ul><li>one</li><li>two more</li></ul>"),
        ("Before:\n1. one", "<p>Before:</p><ul><li>one</li></ul>"),
        ("**bold** and *leaning*", "<p><strong>bold</strong> and <em>leaning</em></p>"),
        ("2 * 3 * 4 and a_b_c", "<p>2 * 3 * 4 and a_b_c</p>"),
        ("> quoted\n> twice", "<blockquote><p>quoted<br>twice</p></blockquote>"),
        ("---", "<hr>"),
        (
            "| A | B |\n|---|---|\n| 1 | *2* |",
            "<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td><em>2</em></td></tr></table>",
        ),
        ("| A | B |", "<p>| A | B |</p>"),
    ],
)
def test_the_marks_that_texts_use_are_shown(text: str, html: str) -> None:
    assert readable(text) == html


def test_links_lead_to_the_web_and_nowhere_else() -> None:
    link = 'rel="noopener noreferrer" target="_blank"'
    assert readable("[here](https://a.example/?x=1&y=2).") == (
        f'<p><a href="https://a.example/?x=1&amp;y=2" {link}>here</a>.</p>'
    )
    assert readable("See https://a.example/b.") == (
        f'<p>See <a href="https://a.example/b" {link}>https://a.example/b</a>.</p>'
    )
    for address in ("javascript:alert(1)", "data:text/html,x", "//evil.example", "/console"):
        assert "<a" not in readable(f"[x]({address})")


@pytest.mark.parametrize(
    "wicked",
    [
        "<script>alert(1)</script>",
        "# <img src=x onerror=alert(1)>",
        "- <b>",
        "> <i>",
        "| <u> |\n|---|\n| <s> |",
        '[x](https://a.example/"><script>)',
        "**<b>**",
    ],
)
def test_nothing_in_a_text_is_markup(wicked: str) -> None:
    for tag in ("<script", "<img", "<b>", "<i>", "<u>", "<s>"):
        assert tag not in readable(wicked)


def test_a_first_heading_that_repeats_the_title_is_left_out() -> None:
    assert readable("# Better coffee\n\nWords", "Better coffee") == "<p>Words</p>"
    assert readable("# Other\n\nWords", "Better coffee") == "<h3>Other</h3>\n<p>Words</p>"
