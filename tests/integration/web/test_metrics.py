"""What is counted reaches Prometheus."""

from __future__ import annotations

from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from bot.web.metrics import Metrics


async def samples(web) -> dict[str, float]:
    answer = await web.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    found = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            labels = ",".join(f"{k}={v}" for k, v in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


async def test_what_was_counted_is_shown(web):
    counts = web.metrics
    counts.turn_ended("answered", 1.5)
    counts.turn_ended("failed", 120)
    counts.first_words(0.3)
    counts.waited(0.02)
    counts.recovered()
    seen = await samples(web)
    assert seen["troupe_turns_total{outcome=answered}"] == 1
    assert seen["troupe_turns_total{outcome=skipped}"] == 0
    assert seen["troupe_turn_seconds_sum"] == 121.5
    assert seen["troupe_first_words_seconds_bucket{le=0.35}"] == 1
    assert seen["troupe_first_words_seconds_bucket{le=0.2}"] == 0
    assert seen["troupe_lease_wait_seconds_count"] == 1
    assert seen["troupe_session_recoveries_total"] == 1


async def test_the_gauges_show_the_pool_as_it_is_at_the_scrape(web):
    await samples(web)
    web.change_pool(queued=7)
    seen = await samples(web)
    assert seen["troupe_queued_turns"] == 7
    assert seen["troupe_instances{state=busy}"] == 1
    assert seen["troupe_instances{state=idle}"] == 1
    assert seen["troupe_instances{state=sick}"] == 0
    assert seen["troupe_instances_max"] == 10
    assert seen["troupe_instance_starts_total"] == 5
    assert seen["troupe_threads"] == 15
    assert seen["troupe_rooms"] == 321
    assert seen["troupe_instances_memory_bytes"] == 2 * 90 * 1024 * 1024
    assert seen["process_resident_memory_bytes"] > 0


def test_two_bots_in_one_process_do_not_share_their_counts():
    first, second = Metrics(), Metrics()
    first.recovered()
    assert b"troupe_session_recoveries_total 0.0" in second.text()
    assert not any(family.name.startswith("troupe") for family in REGISTRY.collect())
