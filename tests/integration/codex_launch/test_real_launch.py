"""The launch spec on the real binary: it starts, says what is wrong, and shares one login."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import socket
import stat
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from bot.codex import catalog, launch
from bot.codex.environment import child_env
from bot.codex.login import login_status
from bot.codex.run_once import run
from bot.errors import CodexMissingError, CodexRefusedError
from bot.tasks import Tasks
from sandbox.bare_client import BareClient, BareError
from sandbox.model import ModelServer, always, say


async def stderr_of(spec, *more) -> list[str]:
    """Everything that an app-server says until its stdin ends at once."""
    process = await asyncio.create_subprocess_exec(
        *spec.argv, *more, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, env=spec.env, cwd=spec.cwd
    )
    _, said = await asyncio.wait_for(process.communicate(), 10)
    return said.decode().splitlines()


async def test_a_turn_runs_with_the_spec_as_it_is(codex):
    async with ModelServer([always(say("Come in!"))]) as model:
        async with await codex.against(model, model="gpt-5.5", effort="high").client() as bare:
            turn = await bare.turn(await bare.start_thread("You are Mira."), "Hello!")
        request = model.requests[0]
    assert (turn.status, turn.text) == ("completed", "Come in!")
    assert request.model == "gpt-5.5"
    assert request.body["reasoning"]["effort"] == "high"
    assert request.headers["authorization"] == "Bearer key-for-the-scripted-model"


async def test_codex_knows_every_key_that_it_is_given(codex):
    async with ModelServer([]) as model:
        said = "\n".join(await stderr_of(await codex.against(model).spec()))
        assert "ignor" not in said
        control = "\n".join(await stderr_of(await codex.against(model).spec(), "-c", "nokey=1"))
    assert "`nokey` is ignored" in control


@pytest.mark.parametrize(
    ("flag", "quoted"),
    [
        ("tools.update_plan=False", "in `tools.update_plan`"),
        ('sandbox_mode="no"', "Error: unknown variant `no`"),
        ("mcp_servers.a={urll=1}", "in `mcp_servers.a`"),
        ('model_catalog_json="/nope.json"', "Error: No such file"),
    ],
)
async def test_a_refused_value_is_quoted_in_codexs_own_words(codex, flag, quoted):
    lines = await stderr_of(await codex.spec(), "-c", flag)
    refusal = launch.refusal(lines) or ""
    assert quoted in refusal
    assert "backtrace" not in refusal


async def test_the_version_and_the_features_are_read(codex):
    installed = await codex.prepare()
    assert installed.version[0].isdigit()
    assert {"apps", "shell_tool"} <= installed.features
    assert "undo" not in installed.features  # listed as removed


async def test_the_catalog_is_made_once_a_version_and_is_private(codex):
    first = (await codex.prepare()).catalog
    made = first.stat()
    assert (await codex.prepare()).catalog == first
    assert first.stat().st_mtime_ns == made.st_mtime_ns
    assert stat.S_IMODE(made.st_mode) == 0o600
    for model in json.loads(first.read_text())["models"]:
        assert model.get("tool_mode") is None
        assert model["shell_type"] == "disabled"


def test_an_unreadable_list_of_models_is_a_refusal():
    with pytest.raises(CodexRefusedError, match="list of models"):
        catalog.edited("[]")


async def test_a_program_that_hangs_is_ended_in_time(tmp_path):
    with pytest.raises(CodexRefusedError, match="did not end within"):
        await run(["/bin/sh", "-c", "sleep 60"], {}, timeout=0.2)


async def test_a_program_that_cannot_run_is_missing(tmp_path):
    (tmp_path / "codex").write_text("no program")
    with pytest.raises(CodexMissingError, match="codex"):
        await launch.read_version(tmp_path / "codex", {})


async def test_a_program_that_is_not_codex_tells_no_version():
    with pytest.raises(CodexRefusedError, match="version"):
        await launch.read_version(Path("/bin/true"), {})


# --- one login ------------------------------------------------------------------------------


async def log_in(binary, folder, key):
    process = await asyncio.create_subprocess_exec(
        str(binary), "login", "--with-api-key", "-c", 'cli_auth_credentials_store="file"',
        stdin=PIPE, stdout=PIPE, stderr=PIPE, env={"CODEX_HOME": str(folder), "HOME": str(folder)},
    )  # fmt: skip
    await asyncio.wait_for(process.communicate(key.encode()), 10)
    assert process.returncode == 0


async def test_the_users_login_counts_and_a_new_one_goes_through_the_link(codex, tmp_path):
    user = tmp_path / "user"
    user.mkdir()
    here = codex.against_nothing(user_home=user)
    await here.prepare()
    home, env = here.options.home, child_env(here.options, here.parent_env)
    assert not await login_status(here.options.binary, home, env)
    await log_in(here.options.binary, user, "sk-of-the-user-1")
    assert await login_status(here.options.binary, home, env)
    await log_in(here.options.binary, home, "sk-of-the-user-2")
    assert (home / "auth.json").is_symlink()
    assert json.loads((user / "auth.json").read_text())["OPENAI_API_KEY"] == "sk-of-the-user-2"


def token(**claims) -> str:
    """A JWT that nobody signed."""
    parts = [{"alg": "none"}, claims, {}]
    return ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts
    )


async def test_a_refreshed_chatgpt_token_is_written_through_the_link(codex, tmp_path):
    """A refresh token works once: were the link replaced by a file, the user's login would die."""
    account = {"chatgpt_account_id": "acc", "chatgpt_plan_type": "plus", "chatgpt_user_id": "u"}
    claims = {"email": "a@b.c", "https://api.openai.com/auth": account, "exp": 4_000_000_000}
    user = tmp_path / "user"
    user.mkdir()
    tokens = {"id_token": token(**claims), "access_token": token(exp=1), "account_id": "acc"}
    tokens["refresh_token"] = "used-once"
    old = {"OPENAI_API_KEY": None, "tokens": tokens, "last_refresh": "2020-01-01T00:00:00Z"}
    (user / "auth.json").write_text(json.dumps(old))
    asked = []

    async def refresh(request):
        asked.append(await request.json())
        fresh = {"id_token": token(**claims), "access_token": token(exp=4_000_000_000)}
        return JSONResponse(fresh | {"refresh_token": "the-next-one"})

    here = codex.against_nothing(user_home=user)
    spec = await here.spec()
    listener = socket.create_server(("127.0.0.1", 0))
    routes = [Route("/oauth/token", refresh, methods=["POST"])]
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), log_config=None))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/oauth/token"
    env = dict(spec.env) | {"CODEX_REFRESH_TOKEN_URL_OVERRIDE": url}
    env["HTTPS_PROXY"] = "http://127.0.0.1:9"  # nothing of this leaves the machine
    async with Tasks("test") as tasks:
        served = tasks.start("auth", server._serve([listener]))
        async with BareClient(spec.argv, env, spec.cwd) as bare:
            with contextlib.suppress(BareError):  # after the refresh it asks for a workspace
                await bare.request("account/read", refreshToken=True)
        server.should_exit = True
        await served
    assert asked[0]["refresh_token"] == "used-once"
    link = here.options.home / "auth.json"
    assert link.is_symlink()
    kept = json.loads((user / "auth.json").read_text())
    assert kept["tokens"]["refresh_token"] == "the-next-one"
