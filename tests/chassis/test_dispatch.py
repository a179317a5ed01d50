"""Who is served next: the oldest, in order per key, and every tenant in turn."""

import random

from chassis.dispatch import Dispatch

ANN, BOB = "tenant-ann", "tenant-bob"


def test_the_oldest_command_goes_first_wherever_it_came_from() -> None:
    dispatch: Dispatch[str] = Dispatch()
    for at_ms, work in ((30, "new"), (10, "old"), (20, "middle")):
        dispatch.put(work, ANN, at_ms, work)
    assert [dispatch.take(), dispatch.take(), dispatch.take()] == [
        ("old", "old"),
        ("middle", "middle"),
        ("new", "new"),
    ]
    assert dispatch.take() is None


def test_one_key_is_worked_in_the_order_it_came_and_one_at_a_time() -> None:
    dispatch: Dispatch[int] = Dispatch()
    for work, at_ms in enumerate((50, 40, 30)):  # its clock went backwards; its order stands
        dispatch.put("step", ANN, at_ms, work)
    taken = []
    for _ in range(3):
        found = dispatch.take()
        assert found is not None
        assert dispatch.take() is None
        taken.append(found[1])
        dispatch.release("step")
    assert taken == [0, 1, 2]


def test_a_long_queue_of_one_tenant_leaves_places_to_another() -> None:
    dispatch: Dispatch[str] = Dispatch()
    for number in range(100):
        dispatch.put(f"ann-{number}", ANN, number, ANN)
    places = [dispatch.take() for _ in range(10)]
    assert None not in places  # alone, a tenant has every place
    for number in range(3):
        dispatch.put(f"bob-{number}", BOB, 1_000 + number, BOB)
    served = []
    for place in places[:4]:
        assert place is not None
        dispatch.release(place[0])
        found = dispatch.take()
        assert found is not None
        served.append(found[1])
    assert served == [BOB, BOB, BOB, ANN]


def test_old_work_is_begun_before_any_of_a_stream_of_new_work() -> None:
    dispatch: Dispatch[int] = Dispatch()
    for number in range(50):
        dispatch.put(("old", number), ANN, number, number)
    begun = []
    for number in range(50):
        dispatch.put(("new", number), ANN, 1_000 + number, 1_000 + number)
        found = dispatch.take()
        assert found is not None
        begun.append(found[1])
        dispatch.release(found[0])
    assert begun == list(range(50))


def test_what_was_lost_is_forgotten_and_what_is_in_hand_runs_on() -> None:
    dispatch: Dispatch[str] = Dispatch()
    dispatch.put("a", ANN, 1, "lost in hand")
    assert dispatch.take() == ("a", "lost in hand")
    dispatch.put("a", ANN, 2, "lost behind it")
    dispatch.put("b", ANN, 3, "lost")
    dispatch.put("c", BOB, 4, "kept")
    dispatch.drop(lambda work: work.startswith("lost"))
    assert dispatch.take() == ("c", "kept")
    assert dispatch.take() is None
    dispatch.release("a")
    dispatch.release("c")
    dispatch.put("a", ANN, 5, "again")
    assert dispatch.take() == ("a", "again")


def test_every_command_is_served_exactly_once_under_any_order_of_calls() -> None:
    for seed in range(200):
        luck = random.Random(seed)
        dispatch: Dispatch[int] = Dispatch()
        waiting = list(range(60))
        in_hand: list[object] = []
        begun: list[int] = []
        while waiting or in_hand or len(begun) < 60:
            if waiting and luck.random() < 0.5:
                work = waiting.pop(0)
                dispatch.put(work % 7, f"tenant-{work % 7 % 3}", luck.randrange(100), work)
            elif in_hand and luck.random() < 0.5:
                dispatch.release(in_hand.pop(luck.randrange(len(in_hand))))
            elif found := dispatch.take():
                assert found[0] not in in_hand
                in_hand.append(found[0])
                begun.append(found[1])
        assert sorted(begun) == list(range(60))
        for key in range(7):
            own = [work for work in begun if work % 7 == key]
            assert own == sorted(own)
        assert not dispatch._queues
        assert not dispatch._in_hand
