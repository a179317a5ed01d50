"""Sealed fields open for their own tenant and person only, and never again once the key is gone."""

import base64
import multiprocessing
import stat
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.sealing import FileKeyring, SealBroken, Shredded, seal, subject_of, unseal
from contracts.goal import SealedText

OURS = "10000000-0000-4000-8000-000000000001"
THEIRS = "20000000-0000-4000-8000-000000000002"
ADA = "ada@example.com"
GRACE = "grace@example.com"
RACERS = 6


@pytest.fixture
def keyring(tmp_path: Path) -> FileKeyring:
    return FileKeyring(tmp_path / "keyring")


def moved(sealed: SealedText, subject_id: str) -> SealedText:
    return SealedText(subject_id=subject_id, token=sealed.token)


def with_token(sealed: SealedText, token: str) -> SealedText:
    return SealedText(subject_id=sealed.subject_id, token=token)


def test_what_was_sealed_opens_again_and_is_not_readable_in_between(keyring: FileKeyring) -> None:
    sealed = seal(keyring, OURS, ADA)
    assert unseal(keyring, OURS, sealed) == ADA
    raw = base64.urlsafe_b64decode(sealed.token)
    assert ADA.encode() not in raw
    assert ADA not in sealed.model_dump_json()


@settings(max_examples=50, deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text_comes_back_as_it_was(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    keyring = FileKeyring(tmp_path_factory.getbasetemp() / "any-text")
    assert unseal(keyring, OURS, seal(keyring, OURS, text)) == text


def test_sealing_twice_gives_two_tokens_for_one_subject(keyring: FileKeyring) -> None:
    first, second = seal(keyring, OURS, ADA), seal(keyring, OURS, ADA)
    assert first.token != second.token
    assert first.subject_id == second.subject_id


def test_another_tenant_cannot_open_it_with_or_without_a_key_of_that_subject(
    keyring: FileKeyring,
) -> None:
    sealed = seal(keyring, OURS, ADA)
    with pytest.raises(Shredded):
        unseal(keyring, THEIRS, sealed)
    keyring.key(THEIRS, sealed.subject_id, create=True)
    with pytest.raises(SealBroken, match=sealed.subject_id):
        unseal(keyring, THEIRS, sealed)


def test_not_even_the_right_key_opens_it_under_another_tenant(tmp_path: Path) -> None:
    class OneKey:
        def key(self, tenant_id: str, subject_id: str, *, create: bool) -> bytes:
            return b"k" * 32

        def destroy(self, tenant_id: str, subject_id: str) -> None:
            raise AssertionError

    sealed = seal(OneKey(), OURS, ADA)
    assert unseal(OneKey(), OURS, sealed) == ADA
    with pytest.raises(SealBroken):
        unseal(OneKey(), THEIRS, sealed)
    with pytest.raises(SealBroken):
        unseal(OneKey(), OURS, moved(sealed, str(uuid4())))


def test_another_person_of_the_same_tenant_cannot_be_given_it(keyring: FileKeyring) -> None:
    ada, grace = seal(keyring, OURS, ADA), seal(keyring, OURS, GRACE)
    with pytest.raises(SealBroken):
        unseal(keyring, OURS, moved(ada, grace.subject_id))


# One length per padding of base64 (none, one and two signs).
@pytest.mark.parametrize("text", ["a@b.example", "aa@b.example", "aaa@b.example"])
def test_one_changed_character_of_the_token_is_refused_wherever_it_stands(
    keyring: FileKeyring, text: str
) -> None:
    sealed = seal(keyring, OURS, text)
    for place, was in enumerate(sealed.token):
        for other in "A_B.":
            if other == was:
                continue
            token = sealed.token[:place] + other + sealed.token[place + 1 :]
            with pytest.raises(SealBroken):
                unseal(keyring, OURS, with_token(sealed, token))


def test_one_flipped_bit_of_nonce_text_or_tag_is_refused(keyring: FileKeyring) -> None:
    sealed = seal(keyring, OURS, ADA)
    raw = bytearray(base64.urlsafe_b64decode(sealed.token))
    for place in range(len(raw)):
        raw[place] ^= 1
        token = base64.urlsafe_b64encode(bytes(raw)).decode()
        raw[place] ^= 1
        with pytest.raises(SealBroken):
            unseal(keyring, OURS, with_token(sealed, token))


@pytest.mark.parametrize("token", ["x", "AAAA", "=", "not base64 at all", "ä" * 40, "A" * 16])
def test_a_token_that_is_none_is_refused_as_broken(keyring: FileKeyring, token: str) -> None:
    sealed = seal(keyring, OURS, ADA)
    with pytest.raises(SealBroken):
        unseal(keyring, OURS, with_token(sealed, token))


def test_a_destroyed_key_is_gone_for_ever(keyring: FileKeyring, tmp_path: Path) -> None:
    sealed = seal(keyring, OURS, ADA)
    keyring.destroy(OURS, sealed.subject_id)
    for ring in (keyring, FileKeyring(tmp_path / "keyring")):
        with pytest.raises(Shredded, match="destroyed"):
            unseal(ring, OURS, sealed)
        with pytest.raises(Shredded, match="destroyed"):
            seal(ring, OURS, ADA)
        with pytest.raises(Shredded, match="destroyed"):
            ring.key(OURS, sealed.subject_id, create=True)
    keyring.destroy(OURS, sealed.subject_id)
    assert unseal(keyring, OURS, seal(keyring, OURS, GRACE)) == GRACE


def test_a_key_destroyed_before_its_first_use_is_never_made(keyring: FileKeyring) -> None:
    subject = str(uuid4())
    keyring.destroy(OURS, subject)
    with pytest.raises(Shredded, match="destroyed"):
        keyring.key(OURS, subject, create=True)


def test_a_key_that_nobody_made_is_not_made_by_reading(keyring: FileKeyring) -> None:
    subject = str(uuid4())
    with pytest.raises(Shredded, match="no key"):
        keyring.key(OURS, subject, create=False)
    with pytest.raises(Shredded, match="no key"):
        keyring.key(OURS, subject, create=False)


def test_many_may_destroy_the_same_key_at_once(keyring: FileKeyring, tmp_path: Path) -> None:
    sealed = seal(keyring, OURS, ADA)
    with ThreadPoolExecutor(16) as pool:
        for done in [pool.submit(keyring.destroy, OURS, sealed.subject_id) for _ in range(64)]:
            done.result()
    with pytest.raises(Shredded):
        unseal(keyring, OURS, sealed)
    assert [path.name for path in (tmp_path / "keyring" / OURS).glob(".*")] == []


def test_the_same_person_has_one_subject_id_per_tenant(keyring: FileKeyring) -> None:
    assert subject_of(keyring, OURS, ADA) == subject_of(keyring, OURS, " ADA@example.com ")
    assert subject_of(keyring, OURS, ADA) != subject_of(keyring, OURS, GRACE)
    assert subject_of(keyring, OURS, ADA) != subject_of(keyring, THEIRS, ADA)


def test_a_subject_id_cannot_be_computed_without_the_tenants_key(tmp_path: Path) -> None:
    here, elsewhere = FileKeyring(tmp_path / "here"), FileKeyring(tmp_path / "elsewhere")
    assert subject_of(here, OURS, ADA) != subject_of(elsewhere, OURS, ADA)


def test_key_files_are_for_their_owner_only(keyring: FileKeyring, tmp_path: Path) -> None:
    sealed = seal(keyring, OURS, ADA)
    keyring.destroy(OURS, seal(keyring, OURS, GRACE).subject_id)
    files = [path for path in (tmp_path / "keyring").rglob("*") if path.is_file()]
    assert len(files) == 3  # the tenant's own, and one for each person
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "keyring").stat().st_mode) == 0o700
    assert unseal(keyring, OURS, sealed) == ADA


def race(root: Path, subjects: list[str], start: Barrier, found: "Queue[list[bytes]]") -> None:
    """One process's part: every subject's key, all processes at the same moment."""
    keyring = FileKeyring(root)
    keys = []
    for subject in subjects:
        start.wait(30)
        keys.append(keyring.key(OURS, subject, create=True))
    found.put(keys)


def test_processes_that_make_a_persons_key_at_once_agree_on_it(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    subjects = [str(uuid4()) for _ in range(40)]
    start, found = context.Barrier(2), context.Queue()
    asked = (tmp_path / "keyring", subjects, start, found)
    racers = [context.Process(target=race, args=asked) for _ in range(2)]
    for racer in racers:
        racer.start()
    first, second = found.get(timeout=60), found.get(timeout=60)
    for racer in racers:
        racer.join(30)
        assert racer.exitcode == 0
    assert first == second
    assert len(set(first)) == len(subjects)


def test_threads_that_seal_for_the_same_person_at_once_can_all_be_read(
    keyring: FileKeyring,
) -> None:
    with ThreadPoolExecutor(RACERS) as pool:
        sealed = list(pool.map(lambda _: seal(keyring, OURS, ADA), range(RACERS * 5)))
    assert {unseal(keyring, OURS, one) for one in sealed} == {ADA}
    assert len({one.subject_id for one in sealed}) == 1
