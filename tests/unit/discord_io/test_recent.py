"""What is kept, and what goes when there is no room."""

from __future__ import annotations

from bot.discord_io.lane import LANES_KEPT, Lanes
from bot.discord_io.recent import Recent


def test_what_was_set_longest_ago_goes_first():
    kept: Recent[int, str] = Recent(2)
    kept[1], kept[2] = "a", "b"
    kept[1] = "again"
    kept[3] = "c"
    assert dict(kept) == {1: "again", 3: "c"}


def test_an_item_can_be_taken_out_and_set_anew():
    kept: Recent[int, str] = Recent(2)
    assert kept.setdefault(1, "a") == kept.setdefault(1, "b") == "a"
    assert kept.pop(1) == "a"
    assert kept.pop(1, None) is None
    kept[2], kept[3], kept[4] = "b", "c", "d"
    assert dict(kept) == {3: "c", 4: "d"}


def test_a_lane_in_use_outlives_many_channels_that_are_used_less():
    lanes = Lanes()
    lane = lanes.of(0)
    for channel in range(1, LANES_KEPT * 2):
        lanes.of(channel)
        assert lanes.of(0) is lane
    assert len(lanes) == LANES_KEPT


def test_a_lane_goes_with_its_channel():
    lanes = Lanes()
    lanes.of(1).claim(7)
    lanes.drop(1)
    assert len(lanes) == 0
    assert lanes.of(1).claim(7)
