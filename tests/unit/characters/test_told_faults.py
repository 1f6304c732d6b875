"""The owner is told of each fault of a character file once, over restarts too."""

from __future__ import annotations

from pathlib import Path

from bot.characters.told import FILE, ToldFaults
from bot.errors import CharacterError
from bot.runtime.fault_reports import FaultReports, brief, message

ONE = CharacterError("/srv/bot/characters/mira/character.md", "the name is missing", 1)
TWO = CharacterError("/srv/bot/characters/joe", "the folder cannot be read")


class Owner:
    def __init__(self) -> None:
        self.read: list[str] = []
        self.reachable = True

    async def tell(self, text: str) -> bool:
        if self.reachable:
            self.read.append(text)
        return self.reachable


async def test_a_fault_is_told_once_also_after_a_restart(tmp_path: Path) -> None:
    owner = Owner()
    for _ in range(2):
        reports = FaultReports(ToldFaults(tmp_path), owner.tell)
        await reports.report([ONE])
        await reports.report([ONE])
    assert len(owner.read) == 1
    await FaultReports(ToldFaults(tmp_path), owner.tell).report([ONE, TWO])
    assert "joe" in owner.read[1]
    assert "mira" not in owner.read[1]


async def test_one_that_is_back_is_told_again(tmp_path: Path) -> None:
    owner = Owner()
    reports = FaultReports(ToldFaults(tmp_path), owner.tell)
    for faults in ([ONE], [], [ONE]):
        await reports.report(faults)
    assert len(owner.read) == 2


async def test_what_did_not_arrive_is_told_the_next_time(tmp_path: Path) -> None:
    owner = Owner()
    owner.reachable = False
    reports = FaultReports(ToldFaults(tmp_path), owner.tell)
    await reports.report([ONE])
    owner.reachable = True
    await reports.report([ONE])
    assert len(owner.read) == 1


async def test_a_damaged_file_is_no_error(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("[" * 100_000)
    assert ToldFaults(tmp_path).new([ONE]) == (ONE,)


def test_folders_of_the_machine_are_not_told() -> None:
    assert brief(ONE) == "mira/character.md:1: the name is missing"
    assert "/srv" not in message([ONE, TWO])


def test_many_faults_are_one_message_that_discord_takes() -> None:
    faults = [CharacterError(f"/x/{'n' * 60}{n}/character.md", "y" * 500, 1) for n in range(300)]
    text = message(faults)
    assert len(text) <= 4000
    assert "292 more" in text
