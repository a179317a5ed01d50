"""What a text makes of its findings: a question, ties that hold, a conclusion, a step."""

import pytest

from contracts.goal import Channel
from contracts.research import Finding
from services.analyst.argument import Part, Tie, answers, part_of, subject_of, tie_of
from services.analyst.engines.embedded.phrasebook import ENGLISH
from services.analyst.points import Point, points_of
from tests.analyst.builders import GRIND, MONITOR, C, M, T, content_command, finding
from tests.analyst.reading import item_of, written

RACES = "Most data races are the cause of subtle and hard-to-find bugs."
DETECTOR = "DRD is a tool for detecting bugs in programs of many threads."
GOALS = ("Show that data races are found before release", "Make the late opening known")


def point(text: str, kind: object = M, source: tuple[str, str] = GRIND) -> Point:
    (found,) = points_of((finding(1, kind, text, source),), lambda _: True)  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (RACES, Part.PROBLEM),
        (DETECTOR, Part.REMEDY),
        ("34 percent of team leads would order a plan if it could be paused.", Part.WISH),
        ("Late openings drew 36,000 visitors, an increase of 22 percent.", Part.CHANGE),
        ("A single file takes 20 percent less room than storing many of them.", Part.STATE),
        ("Broken input will not lead to errors that go unseen for weeks.", Part.REMEDY),
        ("Valgrind will run much more slowly than the program alone.", Part.LIMIT),
        ("A ticket costs $14 at the door of most museums.", Part.PRICE),
        ("The archive keeps photographs of the harbour from before the war.", Part.STATE),
        (
            (
                "Plants with a contract had 1.3 unplanned stops a year, compared with 4.7 stops at "
                "plants that have none."
            ),
            Part.REMEDY,
        ),
    ],
)
def test_a_finding_is_a_problem_a_wish_a_remedy_or_what_its_words_show(
    text: str, part: Part
) -> None:
    assert part_of(point(text)) is part
    assert part_of(point(text, C)) is Part.RIVAL


def test_contrast_is_said_only_where_two_directions_differ() -> None:
    up = point("Orders of coffee gifts increased by 54 percent in November 2025.", T)
    down = point("Orders of coffee gifts fell by 12 percent in the spring of 2026.", T, MONITOR)
    other = point("The price of arabica fell to £4.12 a kilogram in September.", T, MONITOR)
    assert tie_of(up, down) is Tie.OTHER_WAY
    assert tie_of(up, up) is Tie.SAME_WAY
    assert tie_of(up, other) is Tie.BESIDE


def test_a_share_at_two_times_has_a_direction() -> None:
    rose = point("Passes made up 31 percent of income in 2025, compared with 22 percent in 2022.")
    fell = point("Passes made up 12 percent of income in 2025, compared with 22 percent in 2022.")
    assert tie_of(rose, fell) is Tie.OTHER_WAY


def test_a_remedy_answers_a_problem_only_where_both_name_the_same_trouble() -> None:
    stop = point("An unplanned stop costs a food plant €14,200 on average.")
    survey = point("A survey finds waste heat worth 18 percent of the energy cost.")
    assert answers(point(RACES), point(DETECTOR), GOALS)
    assert not answers(stop, survey, GOALS)
    assert not answers(point(DETECTOR), point(RACES), GOALS)


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        (RACES, "data races"),
        ("Late openings drew 36,000 visitors in the summer.", "the late opening"),
        ("Annual passes made up 31 percent of income.", ""),
        ("Openings of every sort drew more visitors than before.", ""),
    ],
)
def test_a_subject_is_what_a_goal_and_the_finding_name_alike(text: str, subject: str) -> None:
    assert subject_of(GOALS, point(text)) == subject


def test_a_letter_asks_tells_concludes_and_asks_for_one_step() -> None:
    command = content_command(
        "coffee", findings=_races(), channels=(Channel.EMAIL,), target_audience="developers"
    )
    command = command.model_copy(
        update={"brief": command.brief.model_copy(update={"kpis": tuple(GOALS)})}
    )
    paragraphs = item_of(written(command), "email-a").body_markdown.split("\n\n")
    opening, answer = paragraphs[1], paragraphs[2]
    assert RACES.rstrip(".") in opening
    assert any(opening.startswith(_start(frame)) for frame in ENGLISH.openings[Part.PROBLEM])
    assert any(answer.startswith(frame[:20]) for frame in ENGLISH.ties["answer"])
    concluded = [c[:30] for c in ENGLISH.conclusions["answered"]]
    assert any(part.startswith(tuple(concluded)) for part in paragraphs)


def test_a_frame_about_figures_stands_only_beside_figures() -> None:
    for item in written(content_command("coffee", findings=_races(), variants=4)).items:
        text = f"{item.title} {item.preheader} {item.body_markdown}".lower()
        assert "figure" not in text, item.id


def _start(frame: str) -> str:
    return frame.replace("{subject}", "data races").split("{finding}")[0].strip()[:20]


def _races() -> tuple[Finding, ...]:
    return (
        finding(1, M, RACES, score=0.9),
        finding(2, M, DETECTOR, MONITOR, score=0.8),
        finding(3, M, "Memcheck reports each use of memory that was given back.", score=0.2),
    )
