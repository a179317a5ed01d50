"""What a model leaves behind in a text: fields to be filled, and words to whoever asked it."""

import pytest

from services.optimizer.audit.checks import failing, report_of
from tests.optimizer.builders import CLEAN, ITEMS


def holes(line: str) -> list[str]:
    """What is said of a clean post with `line` put before it."""
    post = next(item for item in ITEMS if item.id == "linkedin-a")
    text = post.model_copy(update={"body_markdown": f"{line}\n\n{post.body_markdown}"})
    report = report_of(CLEAN.model_copy(update={"items": (text,)}))
    return [check.reason for check in failing(report) if check.name == "nothing_unfinished"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("Dear [First Name], it is Monday.", "[First Name]"),
        ("We at [company] mill it.", "[company]"),
        ("It is good. [add a customer quote here]", "[add a customer quote here]"),
        ("Estimado [nombre]: es lunes.", "[nombre]"),
        ("Sure! Here is a LinkedIn post for you:", "Sure! Here is a LinkedIn post"),
        ("Certainly, here are three short tweets.", "three short tweets"),
        ("As an AI language model, I cannot bake.", "As an AI language model"),
        ("I hope this post meets your needs.", "hope this post meets"),
        ("¡Claro! Aquí tienes un borrador.", "Aquí tienes un borrador"),
    ],
)
def test_what_a_model_left_behind_is_told(line: str, says: str) -> None:
    (reason,) = holes(line)
    assert says in reason


@pytest.mark.parametrize(
    "line",
    [
        "See [the price](https://molinoalto.example/price) and [date][1] of the fair.",
        "Sure, here is how we mill.",
        "Of course, here is the thing: bread takes time.",
        "I hope this helps you to bake.",
        "Put the [old] stone beside it.",
        "Claro, aquí tienes pan.",
    ],
)
def test_ordinary_words_are_let_be(line: str) -> None:
    assert holes(line) == []
