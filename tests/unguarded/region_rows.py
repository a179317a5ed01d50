"""What two regions rest on: one works, and the mirror goes one way."""

from typing import Final

from tests.unguarded.planting import Row

OF_REGION: Final = "tests/chassis/test_region.py"
OF_MIRROR: Final = "tests/chassis/test_mirror.py"

REGIONS: Final = (
    Row(
        "region",
        "a process whose region cannot extend its lease ends",
        "chassis/region.py",
        "Region.keep",
        "elif time.monotonic() > self._until - leaving_s:",
        "elif False:",
        f"{OF_REGION}::test_a_lease_that_cannot_be_extended_ends_the_work_before_its_time_is_over",
    ),
    Row(
        "region",
        "the kernel ends a process that outlives its lease",
        "chassis/region.py",
        "Region._hold",
        "longer.enter_context(self._fuse.burning(until - time.monotonic()))",
        "pass",
        f"{OF_REGION}::test_a_process_that_was_frozen_for_longer_than_its_lease_never_goes_on",
    ),
    Row(
        "region",
        "only a copy of the region that worked last takes over",
        "chassis/lease.py",
        "",
        "if last and last ~= ARGV[1] and redis.call('get', KEYS[3]) ~= ARGV[2] then return -1 end",
        "",
        f"{OF_REGION}::test_a_region_that_is_no_copy_of_the_last_one_does_not_take_over",
    ),
    Row(
        "region",
        "a region that takes over fences the mirror",
        "chassis/region.py",
        "Region._turn",
        "await self._fence_mirror()",
        "pass",
        f"{OF_REGION}::test_a_copy_takes_over_after_the_leases_time_and_fences_its_mirror",
    ),
    Row(
        "region",
        "no mirror writes into the region that works",
        "chassis/mirror.py",
        "Mirror._require_direction",
        "if target in (seen.last.cluster, seen.holder.cluster):",
        "if False:",
        f"{OF_MIRROR}::test_a_mirror_into_the_region_that_works_writes_nothing",
    ),
    Row(
        "region",
        "a mirror goes on where it was",
        "chassis/mirror.py",
        "Mirror._places",
        "found[partition] = offset + 1",
        "found[partition] = 0",
        f"{OF_MIRROR}::test_each_record_is_copied_once_whatever_stops_the_mirror",
    ),
)
