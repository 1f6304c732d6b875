"""Real Codex and a scripted model for tests: the binary, options in a fresh folder, launches."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.codex import launch
from bot.codex.options import CodexOptions, Installed, LaunchSpec
from sandbox.bare_client import BareClient
from sandbox.model import ModelServer

ROOT = Path(__file__).resolve().parents[1]
# Where `make newest-codex` puts it: npm brings the program in a package for each platform.
NEWEST = "node_modules/@openai/codex-*/vendor/*/bin/codex"
MODEL_KEY = "key-for-the-scripted-model"


class Codex:
    """Launches of the real binary in one folder, against one model."""

    def __init__(self, options: CodexOptions) -> None:
        self.options = options
        self.parent_env = dict(os.environ)

    def against(self, model: ModelServer, /, **changes: Any) -> Codex:
        """The same folder, with the model's endpoint and other changes of the options."""
        options = replace(self.options, base_url=model.base_url, api_key=MODEL_KEY)
        return Codex(replace(options, **changes))

    def against_nothing(self, **changes: Any) -> Codex:
        """The same folder with Codex's own provider and other changes of the options."""
        return Codex(replace(self.options, **changes))

    async def prepare(self) -> Installed:
        return await launch.prepare(self.options, self.parent_env)

    async def spec(self, **bearers: str) -> LaunchSpec:
        installed = await self.prepare()
        return launch.build(self.options, installed, self.parent_env, bearers=bearers)

    async def client(self, **bearers: str) -> BareClient:
        """Not entered yet."""
        spec = await self.spec(**bearers)
        return BareClient(spec.argv, spec.env, spec.cwd)


@pytest.fixture(scope="session")
def codex_binary() -> Path:
    """The packaged binary, whatever CODEX_BIN says: tests are about that version."""
    return launch.find_binary(None, os.environ.get("PATH"))


@pytest.fixture(scope="session")
def newest_codex() -> Path:
    """The newest Codex on npm, as of the last `make newest-codex`; the test is skipped without."""
    found = next((ROOT / ".newest-codex").glob(NEWEST), None)
    if found is None:
        pytest.skip("the newest Codex is not here; `make newest-codex` fetches it")
    return found


@pytest.fixture
def codex(codex_binary: Path, tmp_path: Path) -> Codex:
    """Codex in a folder of its own, with nobody's login."""
    return Codex(
        CodexOptions(
            binary=codex_binary,
            home=tmp_path / "codex" / "home",
            work_dir=tmp_path / "codex" / "work",
            data_dir=tmp_path / "codex",
        )
    )
