"""Derived ids are UUIDs of version 5, as the standard library makes them."""

from uuid import uuid5

from hypothesis import given
from hypothesis import strategies as st

from contracts import identity

FACTS = st.lists(st.integers() | st.text(st.characters(exclude_categories=["Cs"])), max_size=4)


@given(FACTS)
def test_a_derived_id_is_the_uuid5_of_its_facts(facts: list[int | str]) -> None:
    expected = uuid5(identity.FACTS, "/".join(str(fact) for fact in facts))
    assert identity.derived(identity.FACTS, *facts) == str(expected)
