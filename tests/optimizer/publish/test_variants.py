"""A mailing splits its readers over the variants, each counted under its own link."""

import re

from contracts.analytics import link_id
from contracts.goal import Channel
from services.optimizer.publish.variants import split, traits_of
from tests.optimizer.publish.builders import House, item
from tests.optimizer.publish.test_email import EMAIL, messages, part

WEBSITE = "https://molinoalto.example"
A = item(EMAIL, title="Why your loaf starts at the mill")
B = A.model_copy(update={"id": "email-b", "variant": "b", "title": "What did 64 % of bakers buy?"})
CROWD = tuple(f"reader{number}@reader.example" for number in range(40))


async def test_each_reader_gets_one_variant_and_both_are_counted(house: House) -> None:
    people = tuple(house.sealed(person) for person in CROWD)
    order = await house.order(EMAIL, items=(A, B), recipients=people, website=WEBSITE)
    _, body = await house.publish(order)
    sent = {made.item_id: made.sent for made in body.publications}
    assert set(sent) == {"email-a", "email-b"}
    assert sum(sent.values()) == len(CROWD)
    assert min(sent.values()) >= len(CROWD) // 5
    subjects = [message["Subject"] for message in messages(house)]
    assert {A.title: sent["email-a"], B.title: sent["email-b"]} == {
        title: subjects.count(title) for title in (A.title, B.title)
    }
    assert {made.leads_to for made in body.publications} == {WEBSITE}


async def test_every_link_of_a_letter_to_the_website_is_its_readers_own(house: House) -> None:
    people = tuple(house.sealed(person) for person in CROWD[:6])
    order = await house.order(EMAIL, items=(A, B), recipients=people, website=WEBSITE)
    _, body = await house.publish(order)
    keys = set()
    for message in messages(house):
        variant = "email-a" if message["Subject"] == A.title else "email-b"
        (made,) = {p.effect_key for p in body.publications}
        own = link_id(house.job(EMAIL).campaign_id, Channel.EMAIL, variant, made)
        for kind in ("html", "plain"):
            text = part(message, kind)
            links = set(re.findall(r"/t/[0-9a-f-]+/([0-9a-f-]+)\?r=([0-9a-f-]+)", text))
            assert {link for link, _ in links} == {own}
            assert not re.search(rf'href="{re.escape(WEBSITE)}/?"', text)
            keys |= {reader for _, reader in links}
    assert len(keys) == len(people)


async def test_where_readers_are_not_to_be_counted_the_letter_has_neither_link_nor_pixel(
    house: House,
) -> None:
    house.options["mail_tracking"] = False
    order = await house.order(EMAIL, items=(A, B), website=WEBSITE)
    await house.publish(order)
    for message in messages(house):
        page = part(message, "html")
        assert "/t/" not in page
        assert "/o/" not in page
        assert f'href="{WEBSITE}"' in page


def test_who_gets_what_is_the_same_at_every_try_and_another_in_another_campaign() -> None:
    one, again, other = (split((A, B), campaign, 40) for campaign in ("one", "one", "other"))
    people = [f"person-{number}" for number in range(200)]
    halves = [one.of(person).id for person in people]
    assert halves == [again.of(person).id for person in people]
    assert halves != [other.of(person).id for person in people]
    assert 70 < halves.count("email-a") < 130


def test_one_person_alone_gets_the_first_variant() -> None:
    assert {split((A, B), str(number), 1).of("anybody").id for number in range(20)} == {"email-a"}


def test_traits_are_told_in_our_words_only() -> None:
    told = " ".join((*traits_of(A), *traits_of(B)))
    assert "asks a question" in told
    assert "names a figure" in told
    assert "baker" not in told
    assert traits_of(A)[0] != traits_of(B)[0]
