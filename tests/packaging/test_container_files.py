"""Dockerfile, .dockerignore and compose.yaml say what an operator relies on."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tests.packaging.image import ROOT, command_of, stages, words_of

BUILDING, RUNNING = stages((ROOT / "Dockerfile").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]
    return found


def images() -> list[str]:
    """Every image that is fetched: the Dockerfile's bases and those of other services."""
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"].values()
    bases = [stage[0].words.split()[0] for stage in (BUILDING, RUNNING)]
    return bases + [service["image"] for service in compose if "build" not in service]


def test_every_image_is_pinned_by_its_exact_version_and_by_its_digest() -> None:
    assert len(images()) == 3
    for image in images():
        assert re.fullmatch(r"[\w./-]+:\d+\.\d+\.\d+[\w.-]*@sha256:[0-9a-f]{64}", image), image


def test_the_image_runs_as_a_numbered_user_and_stops_on_sigterm() -> None:
    assert int(words_of(RUNNING, "USER")[-1]) > 0
    assert words_of(RUNNING, "STOPSIGNAL") == ["SIGTERM"]


def test_data_and_characters_are_volumes_and_the_home_outlives_the_container() -> None:
    volumes = command_of(words_of(RUNNING, "VOLUME")[-1])
    assert volumes == ["/data", "/characters"]
    assert "HOME=/data" in words_of(RUNNING, "ENV")[-1]


def test_nothing_is_installed_that_the_lock_does_not_name() -> None:
    installs = [words for words in words_of(BUILDING, "RUN") if "pip install" in words]
    assert len(installs) == 1
    assert "--require-hashes -r requirements.lock" in installs[0]
    assert not any("pip install" in words for words in words_of(RUNNING, "RUN"))


def test_the_builder_sees_what_is_copied_and_no_secret() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    shown = {rule[1:] for rule in rules if rule.startswith("!")}
    copied = {
        source
        for stage in (BUILDING, RUNNING)
        for words in words_of(stage, "COPY")
        if "--from" not in words
        for source in [word for word in words.split() if not word.startswith("--")][:-1]
    }
    assert shown == copied
    assert not any(source.startswith(".env") for source in copied)


def test_redis_keeps_every_write_and_evicts_nothing(services: dict[str, Any]) -> None:
    command = services["redis"]["command"]
    assert "--appendonly yes" in command
    assert "noeviction" in command
    assert any(volume.endswith(":/data") for volume in services["redis"]["volumes"])


def test_the_bot_waits_for_redis_reaps_orphans_and_has_time_to_finish(
    services: dict[str, Any],
) -> None:
    bot = services["bot"]
    assert bot["init"] is True
    assert int(bot["stop_grace_period"].removesuffix("s")) > 10
    assert bot["depends_on"]["redis"]["condition"] == "service_healthy"
    assert services["redis"]["healthcheck"]["test"]


def test_no_port_is_open_to_the_world(services: dict[str, Any]) -> None:
    for service in services.values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
