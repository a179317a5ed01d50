"""Claims beside their quotes, by their words: names, negations, directions, additions."""

from pathlib import Path

import pytest

from benchmarks.audit_cases import FOLDER, HELD_OUT, cases
from benchmarks.audit_paraphrases import measure
from contracts.audit import AuditContent
from contracts.envelope import Severity
from services.optimizer.audit.checks import failing, report_of
from services.optimizer.audit.figures import figures, multiples
from services.optimizer.audit.wording import clauses, content, denied, opposite
from tests.optimizer.builders import CLEAN, cite, finding, item

WORDING = {
    "claim_follows_its_quote",
    "claim_keeps_its_direction",
    "claim_keeps_its_negation",
    "figure_stands_in_a_quote",
    "names_stand_in_the_quote",
}


def alarms(claim: str, quote: str, language: str = "en") -> set[str]:
    """The rules on a claim's wording that fail where `claim` cites `quote`."""
    text = item("webhook-a", f"{claim}.", (cite("F1", claim),), language=language)
    subject = CLEAN.model_copy(
        update={"items": (text,), "assets": (), "findings": (finding("F1", quote=quote),)}
    )
    return {check.name for check in failing(report_of(subject))} & WORDING


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("Two of three shops sell rye", "Two out of three shops in the town sell rye."),
        ("rye sales doubled in a year", "Within one year the sales of rye bread doubled."),
        ("rye is twice as popular", "Rye is now two times as popular as it was."),
        ("the mill is not open on Sunday", "On Sunday the mill isn't open to visitors."),
        ("nobody sells rye in Bath", "Rye is sold in York; in Bath nobody sells it."),
        ("it costs no more than a loaf", "A kilo costs as much as a loaf does in Bath."),
        ("not only bakers buy rye", "Bakers buy rye, and so do brewers in the town."),
        ("German bakers prefer rye", "Bakers in Germany prefer rye, and they say why."),
        ("Bakers at the mill like rye", "The people who bake at the mill like rye best."),
        ("NHS kitchens bake with rye", "Kitchens of the NHS in York bake with rye."),
        ("rye fell by 3%, wheat rose by 4%", "Rye fell by 3%, and wheat rose by 4% in 2025."),
        ("up to 14 days of delivery", "The delivery takes up to 14 days, and then it is lower."),
        ("a third of them bake", "One third of the people in the town bake at home."),
        ("half of them bake", "In the town, 52% of the people bake at home."),
        ("the third loaf costs less", "Of three loaves, the last one costs less."),
        ("Bath's mill sells rye", "The mill of Bath sells rye, and so does York's mill."),
        ("I buy rye at the mill", "People buy their rye at the mill, not in shops."),
    ],
)
def test_another_wording_of_the_same_is_no_alarm(claim: str, quote: str) -> None:
    assert alarms(claim, quote) == set()


@pytest.mark.parametrize(
    ("claim", "quote", "rule"),
    [
        ("rye sales tripled in a year", "Sales of rye doubled.", "figure_stands_in_a_quote"),
        ("one in five shops sells rye", "One in six shops sells rye.", "figure_stands_in_a_quote"),
        ("rye grew 12x in a year", "Rye grew by 12% in a year.", "figure_stands_in_a_quote"),
        ("two fifths bake", "Two thirds of the people bake.", "figure_stands_in_a_quote"),
        ("they bake twice a month", "They bake twice a week.", "claim_follows_its_quote"),
        ("Solara's bags leak", "Sunvale's bags leak when it rains.", "names_stand_in_the_quote"),
        ("mills close, flats do not", "Old mills and flats do.", "claim_keeps_its_negation"),
        ("they sell rye in Bath", "They sell rye in York.", "names_stand_in_the_quote"),
        ("the mill opens on Sunday", "The mill never opens on Sunday.", "claim_keeps_its_negation"),
        ("rye doesn't keep for a week", "Rye keeps for a week.", "claim_keeps_its_negation"),
        ("rye sales rose in spring", "Rye sales dropped in spring.", "claim_keeps_its_direction"),
        ("people under 30 buy rye", "Most people over 30 buy rye.", "claim_keeps_its_direction"),
        ("mills may label their flour", "Mills must label flour.", "claim_keeps_its_direction"),
        ("it went from 4% to 9%", "It went from 9% to 4%.", "claim_follows_its_quote"),
        (
            "rye keeps for a week and cures every cold",
            "Rye keeps for a week in a linen bag.",
            "claim_follows_its_quote",
        ),
        (
            "our grandmothers always danced on tables",
            "Rye keeps for a week in a linen bag.",
            "claim_follows_its_quote",
        ),
    ],
)
def test_a_claim_that_says_something_else_is_told(claim: str, quote: str, rule: str) -> None:
    assert rule in alarms(claim, quote)


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("el precio subió en otoño", "In autumn the price fell, and nobody had expected that."),
        ("los molinos de Londres abren", "The mills of London are open to all of the visitors."),
    ],
)
def test_a_quote_in_another_language_is_not_compared_word_by_word(claim: str, quote: str) -> None:
    assert alarms(claim, quote, "es") == set()


def test_the_reason_names_the_claim_and_the_finding_that_a_writer_may_leave_out() -> None:
    claim = "rye sales rose in spring"
    text = item("webhook-a", f"{claim}.", (cite("F1", claim),))
    found = (finding("F1", quote="Rye sales dropped in spring."),)
    subject: AuditContent = CLEAN.model_copy(update={"items": (text,), "findings": found})
    (told,) = (
        check.reason
        for check in failing(report_of(subject))
        if check.name == "claim_keeps_its_direction"
    )
    assert f"“{claim}”" in told
    assert "F1" in told


def test_stems_put_the_forms_of_a_word_together() -> None:
    assert content("leases leased leasing", "en") == ["leas"] * 3
    assert content("barato baratas", "es") == ["barat"] * 2
    assert content("it is not the one that they would have", "en") == []


def test_a_negation_reaches_the_first_word_behind_it_in_its_clause() -> None:
    assert denied("It isn't sold here, and bread is cheap", "en") == {"sold"}
    assert denied("no only child; not more than ten", "en") == set()
    assert denied("mills do, flats do not", "en") == {"flat"}
    assert denied("no se vende, pero gusta", "es") == {"vend"}


def test_directions_are_compared_only_where_each_side_has_one() -> None:
    assert opposite("sales rose", "sales fell", "en") == "more or less"
    assert opposite("sales rose and fell", "sales fell", "en") == ""
    assert opposite("look over there", "under the tree", "en") == ""


def test_clauses_end_at_marks_and_conjunctions_but_not_inside_figures() -> None:
    assert clauses("It rose by 1,200.5 in May, but fell in June: see") == [
        "It rose by 1,200.5 in May",
        "fell in June",
        "see",
    ]


def test_a_multiple_stands_on_a_number_but_on_no_share() -> None:
    (threefold,) = figures("a 3-fold rise", "en")
    assert threefold.stands_on(figures("3 times", "en")[0])
    assert not threefold.stands_on(figures("3 %", "en")[0])
    assert [figure.text for figure in multiples("it doubled, then el triple")] == [
        "doubled",
        "triple",
    ]


KNOWN_ALARMS = {
    False: {
        "with VeloWorks, a stolen bike is your problem": False,
        "German clients paid 23 days late in 2025, six days later than two years before": True,
        "seven in ten new systems are sold with a battery": True,
        "without a permit most homes may have panels, but flats may not": False,
        "más de cuatro de cada diez hogares compraron su aceite en una almazara": True,
    },
    True: {
        "12% less power, and no new device, just a monthly look at the meter": False,
        "if plans change, move the crossing by the evening before and pay nothing": False,
        "money back is not on offer at Ferrymark, another date is": False,
        "92 of 100 small museums lack a lift to every floor": True,
        "en diciembre el mercado municipal abre también los lunes": True,
    },
}
"""By half: the true claims that raise an alarm, and whether it blocks."""


@pytest.mark.parametrize("held_out", [False, True])
def test_a_true_claim_in_other_words_is_no_alarm_or_a_known_one(held_out: bool) -> None:
    reading = measure(held_out=held_out)
    assert reading.claims >= 20
    assert {alarm.claim: alarm.blocks for alarm in reading.alarms} == KNOWN_ALARMS[held_out]


@pytest.mark.parametrize(
    ("claim", "blocks"),
    [
        ("Sunvale repairs the roof", True),
        ("it repairs", False),
        ("if the roof leaks, Sunvale pays", None),
        ("you save £640, unless nobody is home", None),
    ],
)
def test_only_a_plain_denial_in_the_quotes_words_blocks(claim: str, blocks: bool | None) -> None:
    quote = (
        "Sunvale covers panels, and you save £640 if you are home; Sunvale never repairs the roof."
    )
    text = item("webhook-a", f"{claim}.", (cite("F1", claim),))
    subject = CLEAN.model_copy(
        update={"items": (text,), "assets": (), "findings": (finding("F1", quote=quote),)}
    )
    raised = [c for c in failing(report_of(subject)) if c.name == "claim_keeps_its_negation"]
    found = raised[0].severity is Severity.CRITICAL if raised else None
    assert found is blocks


@pytest.mark.parametrize("folder", [FOLDER, HELD_OUT])
def test_the_quotes_own_words_never_raise_an_alarm(folder: Path) -> None:
    quotes = {
        found.quote: case.subject.items[0].language
        for case in cases(folder)
        for found in case.subject.findings
    }
    alarmed = [
        claim
        for quote, language in quotes.items()
        for claim in (quote.rstrip("."), *clauses(quote))
        if alarms(claim, quote, language)
    ]
    assert quotes
    assert alarmed == []
