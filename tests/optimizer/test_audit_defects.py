"""Every planted defect is caught by its own rule, and every clean text is left in peace."""

from dataclasses import dataclass

import pytest

from benchmarks.audit_cases import cases
from contracts.audit import AuditContent
from contracts.content import Citation, ContentItem
from contracts.envelope import Severity
from contracts.goal import Channel
from services.optimizer.audit.checks import failing, report_of
from tests.optimizer.builders import (
    ADDRESS,
    ASSETS,
    BLOG_PARAGRAPH,
    BY_ID,
    CLEAN,
    ITEMS,
    SPANISH,
    STUDY,
    TWITTER_A,
    asset,
    changed,
    cite,
    item,
    with_line,
)


def recited(item_id: str, *citations: Citation) -> AuditContent:
    return changed(item_id, citations=(*BY_ID[item_id].citations, *citations))


def with_items(*items: ContentItem) -> AuditContent:
    return CLEAN.model_copy(update={"items": (*ITEMS, *items)})


def with_picture(channel: Channel, **fields: object) -> AuditContent:
    assets = tuple(
        asset(channel, **fields) if drawn.channel is channel else drawn for drawn in ASSETS
    )
    return CLEAN.model_copy(update={"assets": assets})


def with_text(role: str, size_px: float, contrast: float) -> AuditContent:
    shown = {"role": role, "size_px": size_px, "contrast": contrast}
    return with_picture(Channel.TWITTER, texts=[shown])


@dataclass(frozen=True)
class Planted:
    """A defect, the rule that must catch it, where, and a word that the reason must say."""

    name: str
    subject: AuditContent
    rule: str
    place: str
    says: str


def figure(name: str, line: str, says: str, *, place: str = "linkedin-a") -> Planted:
    return Planted(name, with_line(place, line), "figure_stands_in_a_quote", place, says)


LOREM_CARD = "Pay by card 4111 1111 1111 1111 today."
HARD = (
    "Organisational interoperability necessitates comprehensive harmonisation of heterogeneous "
    "agricultural traceability infrastructures, notwithstanding considerable administrative "
    "responsibilities traditionally characterising multinational distribution intermediaries, "
    "whose institutional accountability increasingly determines sustainable commercialisation "
    "opportunities throughout internationally interconnected manufacturing environments, whereas "
    "contemporary consumer expectations increasingly necessitate verifiable provenance."
)
HARD_CITATIONS = tuple(cite("F1", claim) for claim in HARD.split(" ")[:3])

PLANTED = (
    figure("an invented share", "We found that 87 % of bakers agree.", "87 %"),
    figure("an invented share without a space", "It is loved by87% of bakers.", "87%"),
    figure("an invented price", "A kilo is only $3.99 with us.", "$3.99"),
    figure("an invented year", "We have milled flour since 1874.", "1874"),
    figure("an invented multiple", "Our orders grew 3x last spring.", "3"),
    figure("a share behind emphasis", "It is **9**7 % natural and good.", "97 %"),
    figure("a share in full-width digits", "It is \uff19\uff17\uff05 natural and good.", "97%"),
    figure("a share as an entity", "It is &#57;7&nbsp;% natural and good.", "97 %"),
    figure("a share split by an invisible character", "It is 9\u200b7 % natural.", "97 %"),
    figure("a share of what the quote only counts", "It helps 1,200 % of all bakers.", "1,200 %"),
    figure("a count for what the quote prices", "It took 38 dollars to find out.", "38 dollars"),
    figure("a number with a wrong scale", "We know 64 million home bakers.", "64 million"),
    figure("a wrong decimal", "Searches rose by 3.8 % in the year.", "3.8 %"),
    figure("a wrong thousand", "We asked 12,000 of our friends.", "12,000"),
    figure("a figure in link text", "[Save 15 % now](https://molinoalto.example)", "15 %"),
    figure("a share in a comment", "Good <!-- 97 % of them --> bread.", "97 %"),
    figure("a share in a tag", "Good <b title='97 %'>bread</b>.", "97 %"),
    figure("a share that looks like a link's target", "[x]: 97 % of bakers agree.", "97 %"),
    figure("a share whose number is a link", "[97](https://x.example) % agree.", "97 %"),
    figure("a figure in a footnote's text", "[^9]: Sales rose by 71 % that spring.", "71 %"),
    figure("a figure of an uncited finding", "It takes 3 to 5 days at most.", "cite the finding"),
    Planted(
        "an invented figure in the subject line",
        changed("email-a", title="Join 900 happy bakers"),
        "figure_stands_in_a_quote", "email-a", "900",
    ),
    Planted(
        "an invented figure in the preheader",
        changed("email-a", preheader="The no. 1 flour of the town"),
        "figure_stands_in_a_quote", "email-a", "“1”",
    ),
    Planted(
        "an invented figure on a picture",
        with_picture(Channel.BLOG, headline="97 % natural"),
        "figure_stands_in_a_quote", "picture-blog", "97 %",
    ),
    Planted(
        "an invented offer in the call to action",
        changed("blog-a", call_to_action="Take 20 % off"),
        "call_to_action_figure_stands_in_a_quote", "blog-a", "20 %",
    ),
    Planted(
        "a citation of a finding that nobody found",
        recited("blog-a", cite("F1", "The study is clear").model_copy(update={"finding_id": "F9"})),
        "citation_names_a_finding", "blog-a", "F9",
    ),
    Planted(
        "a claim that is not in the text",
        recited("blog-a", cite("F1", "Nobody wrote this sentence")),
        "claim_stands_in_the_text", "blog-a", "Nobody wrote this",
    ),
    Planted(
        "a citation with another address",
        recited(
            "blog-a",
            cite("F1", "The study is clear").model_copy(update={"source_url": "https://x.example"}),
        ),
        "citation_names_its_source", "blog-a", "https://x.example",
    ),
    Planted(
        "too few citations",
        changed("email-b", body_markdown=f"Good bread waits. {ADDRESS} {{{{unsubscribe_url}}}}",
                citations=(cite("F3", "Good bread waits."),)),
        "enough_citations", "email-b", "2 more",
    ),
    Planted(
        "a tweet without a citation",
        changed("twitter-a", body_markdown="We mill it, you bake it.", citations=()),
        "enough_citations", "twitter-a", "1 are needed",
    ),
    Planted(
        "a banned word", with_line("email-a", "Never was flour so Cheap."),
        "no_banned_words", "email-a", "cheap",
    ),
    Planted(
        "a banned word behind emphasis", with_line("email-a", "Never was flour so ch**ea**p."),
        "no_banned_words", "email-a", "cheap",
    ),
    Planted(
        "a banned phrase broken over lines", with_line("blog-a", "It is world\nclass bread."),
        "no_banned_words", "blog-a", "world class",
    ),
    Planted(
        "a banned word in a hashtag", changed("linkedin-a", hashtags=("#CheapFlour",)),
        "no_banned_words", "linkedin-a", "hashtags",
    ),
    Planted(
        "a banned word on a picture", with_picture(Channel.EMAIL, headline="Cheap flour"),
        "no_banned_words", "picture-email", "headline",
    ),
    Planted(
        "an unfilled template field", with_line("email-a", "Hello {{first_name}}, good day."),
        "nothing_unfinished", "email-a", "{{first_name}}",
    ),
    Planted(
        "an unfilled single-brace field", with_line("blog-a", "Hello {name}, good day."),
        "nothing_unfinished", "blog-a", "{name}",
    ),
    Planted(
        "an unsubscribe field outside an e-mail", with_line("blog-a", "{{unsubscribe_url}}"),
        "nothing_unfinished", "blog-a", "unsubscribe_url",
    ),
    Planted(
        "filler text", with_line("blog-a", "Lorem ipsum dolor sit amet."),
        "nothing_unfinished", "blog-a", "Lorem ipsum",
    ),
    Planted(
        "a note to self", with_line("linkedin-a", "TODO find a better opening."),
        "nothing_unfinished", "linkedin-a", "TODO",
    ),
    Planted(
        "a bracket to be filled", changed("blog-a", title="Flour for [your town]"),
        "nothing_unfinished", "blog-a", "[your town]",
    ),
    Planted(
        "an e-mail without a postal address",
        changed("email-a", body_markdown=BY_ID["email-a"].body_markdown.replace(ADDRESS, "")),
        "email_postal_address", "email-a", "24 Harbour Street",
    ),
    Planted(
        "an e-mail without a way out",
        changed("email-a", body_markdown=BY_ID["email-a"].body_markdown.replace("unsubscribe", "x")
                .replace("{{x_url}}", "https://molinoalto.example")),
        "email_unsubscribe_link", "email-a", "{{unsubscribe_url}}",
    ),
    Planted(
        "somebody's e-mail address", with_line("blog-a", "Ask jane.doe@mail.example about it."),
        "no_email_address", "blog-a", "jan…",
    ),
    Planted(
        "a card number", with_line("blog-a", LOREM_CARD), "no_card_number", "blog-a", "411…"
    ),
    Planted(
        "somebody's telephone", changed("blog-a", title="Call Jane on +44 (0)20 7946 0958"),
        "no_phone_number", "blog-a", "+44…",
    ),
    Planted(
        "a subject line that is cut off", changed("email-a", title="Flour " * 11),
        "email_subject_length", "email-a", "cut at least 6",
    ),
    Planted(
        "a tweet that is refused",
        changed("twitter-a", body_markdown=f"{TWITTER_A} {'Good bread takes time. ' * 10}"),
        "tweet_length", "twitter-a", "280",
    ),
    Planted(
        "a long post", with_line("linkedin-a", BLOG_PARAGRAPH * 2),
        "linkedin_length", "linkedin-a", "1300",
    ),
    Planted(
        "a post that is refused", with_line("linkedin-a", BLOG_PARAGRAPH * 5),
        "linkedin_hard_limit", "linkedin-a", "3000",
    ),
    Planted(
        "a short article",
        changed("blog-a", body_markdown=BY_ID["linkedin-a"].body_markdown,
                citations=BY_ID["linkedin-a"].citations),
        "blog_length", "blog-a", "at least 300",
    ),
    Planted(
        "a long article", with_line("blog-a", BLOG_PARAGRAPH * 9), "blog_length", "blog-a", "1200"
    ),
    Planted(
        "a picture of the wrong size", with_picture(Channel.TWITTER, width=800),
        "picture_fits_its_channel", "picture-twitter", "800 x",
    ),
    Planted(
        "a picture described by its file name",
        with_picture(Channel.TWITTER, alt_text="hero_final.png"),
        "picture_has_alt_text", "picture-twitter", "hero_final.png",
    ),
    Planted(
        "a picture without a description", with_picture(Channel.TWITTER, alt_text=" - "),
        "picture_has_alt_text", "picture-twitter", "describe",
    ),
    Planted(
        "a headline that its ground swallows", with_text("headline", 60, 2.9),
        "picture_can_be_read", "picture-twitter", "contrast of 2.9",
    ),
    Planted(
        "small letters with too little contrast", with_text("support", 20, 4.4),
        "picture_can_be_read", "picture-twitter", "the support has a contrast of 4.4",
    ),
    Planted(
        "letters too small for a phone", with_text("action", 15.5, 12),
        "picture_can_be_read", "picture-twitter", "letters of 15.5 pixels",
    ),
    Planted(
        "a channel without a picture", CLEAN.model_copy(update={"assets": ASSETS[1:]}),
        "channel_has_a_picture", "email-a", "email",
    ),
    Planted(
        "a text in another language", changed("blog-a", language="es"),
        "text_is_in_its_language", "blog-a", "Spanish",
    ),
    Planted(
        "English that claims to be French", changed("linkedin-a", language="fr"),
        "text_is_in_its_language", "linkedin-a", "English",
    ),
    Planted(
        "two variants alike",
        with_items(BY_ID["linkedin-a"].model_copy(update={"id": "linkedin-b", "variant": "b"})),
        "variants_differ", "linkedin-b", "linkedin-a",
    ),
    Planted(
        "a text that reads hard",
        with_items(item("linkedin-b", HARD, HARD_CITATIONS)),
        "reads_easily", "linkedin-b", "Flesch",
    ),
)  # fmt: skip


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)
def test_a_planted_defect_is_caught_at_its_place_with_its_words(planted: Planted) -> None:
    report = report_of(planted.subject)
    caught = [c for c in failing(report) if c.name == planted.rule and c.place == planted.place]
    assert caught, [check.name for check in failing(report)]
    assert planted.says in " / ".join(check.reason for check in caught)


ALONGSIDE = {
    "a claim that is not in the text": {"claim_follows_its_quote"},
    "a citation with another address": {"claim_follows_its_quote"},
    "an e-mail without a postal address": {"email_names_its_sender"},
    "a card number": {"figure_stands_in_a_quote"},
    "somebody's telephone": {"figure_stands_in_a_quote"},
    "a post that is refused": {"linkedin_length"},
    "a tweet that is refused": {"tweet_length_with_hashtags"},
}


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)
def test_a_planted_defect_raises_no_other_alarm(planted: Planted) -> None:
    names = {check.name for check in failing(report_of(planted.subject))}
    assert names - {planted.rule} <= ALONGSIDE.get(planted.name, set())


def test_the_corpus_plants_each_rule_at_least_once() -> None:
    rules = {check.name for planted in PLANTED for check in report_of(planted.subject).checks}
    planted_rules = {planted.rule for planted in PLANTED}
    planted_rules |= {rule for case in cases() for rule, _ in case.expected}
    assert rules - planted_rules == {"tweet_length_with_hashtags"}


CLEAN_LINES = (
    "One in two of us bakes, and half of us bake on Sunday.",
    "Our GPT-4 helper, the B2B desk and a 3D map of the mill are yours to use.",
    "See [1] and [F2], and the note[^2] below.",
    "Read more at https://molinoalto.example/2019/report?id=77 or www.molinoalto.example/88.",
    "Read [more](https://molinoalto.example/a_(b)/2018) here.",
    "2. A second point, and nothing else.",
    'See [more][7].\n\n[7]: https://molinoalto.example/2019 "All of it"',
    "It is so ([7](https://grain.example/study)), they say.",
    f"- [8]({STUDY}) grain.example: Bread report of 2025",
    "Prices³ are plain.",
    "© 2023 all rights reserved.",
    "Come to 24 Harbour Street,\nBristol BS1 4RN, whenever you like.",
    "Write to hello@molinoalto.example or call +44 117 496 0123.",
    "The study asked 1 200 people, or 1\u202f200 if you like.",
    "Nobody wants a cheapskate, and the {braces in prose are fine too}.",
    "Sixty-four percent is a lot, and so is a dozen.",
    "It rose by 38 per cent, we learned; 38 is much.",
    "Between 2024 and today, the trend went on.",
)


@pytest.mark.parametrize("line", CLEAN_LINES)
def test_a_clean_line_is_left_in_peace(line: str) -> None:
    reasons = [
        (c.place, c.name, c.reason) for c in failing(report_of(with_line("linkedin-a", line)))
    ]
    assert reasons == []


def test_a_spanish_text_is_read_in_spanish() -> None:
    text = item(
        "linkedin-b",
        f"{SPANISH} Te lo contamos TODO sobre la harina.",
        (
            cite("F1", "el 64 % de\nlos panaderos compra harina en línea"),
            cite("F2", "subieron un 38 %\nen 2024"),
            cite("F3", "El precio de un kilo es de $4,50"),
        ),
        language="es",
    )
    assert failing(report_of(with_items(text))) == ()


def test_a_date_beside_a_version_is_no_phone_number() -> None:
    for number, told in (("3.7.17 (2013-05-20)", False), ("+44 117 2013 05 20 33", True)):
        found = failing(report_of(with_line("linkedin-a", f"It came as {number} once.")))
        assert ("no_phone_number" in {check.name for check in found}) is told


def test_a_report_does_not_spread_the_personal_data_that_it_found() -> None:
    report = report_of(with_line("blog-a", f"jane.doe@mail.example {LOREM_CARD}"))
    reasons = " ".join(check.reason for check in report.checks if "person's" in check.reason)
    assert reasons
    assert "jane.doe@" not in reasons
    assert "4111 1111 1111" not in reasons


def test_only_figures_claims_banned_words_holes_law_limits_and_cards_block() -> None:
    rules = {c.name: c.severity for planted in PLANTED for c in report_of(planted.subject).checks}
    assert {name for name, severity in rules.items() if severity is Severity.CRITICAL} == {
        "citation_names_a_finding",
        "claim_keeps_its_direction",
        "claim_keeps_its_negation",
        "claim_stands_in_the_text",
        "figure_stands_in_a_quote",
        "names_stand_in_the_quote",
        "no_banned_words",
        "nothing_unfinished",
        "email_postal_address",
        "email_unsubscribe_link",
        "no_card_number",
        "linkedin_hard_limit",
        "tweet_length",
    }
