"""How a real Codex reaches our tools past a proxy, and an endpoint whose CA is its own."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from bot.codex.options import McpEndpoint
from bot.codex.trust import BUNDLES, ca_file
from bot.web.server import WebServer
from sandbox.model import ModelServer, always, call, say
from sandbox.model.steps import Rule
from tests.fixtures_model import Codex
from tests.integration.codex_launch.relays import proxy, tls_before
from tests.integration.mcp.parts import House

PERSONA = "You are Mira."
PROXIES = ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")


def has_ipv6() -> bool:
    with contextlib.suppress(OSError), socket.create_server(("::1", 0), family=socket.AF_INET6):
        return True
    return False


@contextlib.asynccontextmanager
async def tools_at(host: str) -> AsyncIterator[tuple[House, McpEndpoint]]:
    """Our MCP servers, listening as HTTP_HOST says."""
    house = House(host)
    async with WebServer(host, 0, house.app) as server:
        yield house, McpEndpoint("action", f"{server.url}/mcp/action", "BEARER")


def roll() -> list[Rule]:
    return [
        Rule(lambda request: not request.tool_outputs, [call("roll_dice", {"expression": "d6"})]),
        always(say("Rolled.")),
    ]


@pytest.mark.parametrize("exempt", [{}, {"NO_PROXY": "a.example"}, {"no_proxy": "b.example"}])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0", "::", "::1"])
async def test_tool_calls_and_their_bearer_never_go_to_a_proxy(codex: Codex, host, exempt):
    if ":" in host and not has_ipv6():
        pytest.skip("this machine has no IPv6")
    async with tools_at(host) as (house, endpoint), ModelServer(roll()) as model, proxy() as relay:
        here = codex.against(model, mcp_servers=(endpoint,), use_catalog=False)
        here.parent_env |= dict.fromkeys(PROXIES, relay.url) | exempt
        bearer = house.start("mira")
        async with await here.client(BEARER=bearer) as bare:
            thread = await bare.start_thread(PERSONA)
            house.seat("mira", thread)
            await bare.turn(thread, "Roll!")
        assert not [head for head in relay.heard if "/mcp/" in head.splitlines()[0]]
        assert bearer not in "".join(relay.heard)


async def test_the_model_is_still_asked_through_the_proxy(codex: Codex):
    async with tools_at("127.0.0.1") as (house, endpoint), proxy() as relay, ModelServer([]) as m:
        here = codex.against(m, mcp_servers=(endpoint,), use_catalog=False)
        here = Codex(replace(here.options, base_url="http://model.example/v1"))
        here.parent_env |= dict.fromkeys(PROXIES, relay.url)
        async with await here.client(BEARER=house.start("mira")) as bare:
            turn = await bare.turn(await bare.start_thread(PERSONA), "Hello!")
    assert turn.status == "failed"
    assert {head.splitlines()[0] for head in relay.heard} == {
        "POST http://model.example/v1/responses HTTP/1.1"
    }


async def test_an_endpoint_with_a_ca_of_its_own_is_trusted_when_its_file_is_named(codex, tmp_path):
    ca, pem = trustme.CA(), tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(str(pem))
    async with ModelServer([always(say("Come in!"))]) as model, tls_before(model.port, ca) as url:
        for trusted, status in ((None, "failed"), (pem, "completed")):
            here = codex.against(model)
            here = Codex(replace(here.options, base_url=f"{url}/v1", ca_file=ca_file(trusted)))
            async with await here.client() as bare:
                turn = await bare.turn(await bare.start_thread(PERSONA), "Hello!")
            assert turn.status == status


async def test_a_ca_that_the_parent_names_in_codex_own_variable_reaches_the_child(codex, tmp_path):
    ca, pem = trustme.CA(), tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(str(pem))
    async with ModelServer([always(say("Come in!"))]) as model, tls_before(model.port, ca) as url:
        here = Codex(replace(codex.against(model).options, base_url=f"{url}/v1"))
        here.parent_env["CODEX_CA_CERTIFICATE"] = str(pem)
        async with await here.client() as bare:
            turn = await bare.turn(await bare.start_thread(PERSONA), "Hello!")
    assert turn.status == "completed"


# What the machine that runs the tests may say of roots, and an operator's need not.
PLAIN = ("SSL_CERT_FILE", "SSL_CERT_DIR", "CODEX_CA_CERTIFICATE")


async def test_a_ca_of_ones_own_is_trusted_beside_the_roots_that_codex_is_told(codex, tmp_path):
    ca, pem = trustme.CA(), tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(str(pem))
    async with ModelServer([always(say("Come in!"))]) as model, tls_before(model.port, ca) as url:
        here = codex.against(model)
        here = Codex(replace(here.options, base_url=f"{url}/v1", ca_file=ca_file(pem)))
        here.parent_env = {k: v for k, v in here.parent_env.items() if k not in PLAIN}
        spec = await here.spec()
        async with await here.client() as bare:
            turn = await bare.turn(await bare.start_thread(PERSONA), "Hello!")
    assert turn.status == "completed"
    assert spec.env["CODEX_CA_CERTIFICATE"] == str(pem)


@pytest.mark.skipif(not any(path.is_file() for path in BUNDLES), reason="no bundle of roots here")
async def test_a_plain_endpoint_is_asked_with_one_root_and_an_empty_folder(codex):
    async with ModelServer([always(say("Come in!"))]) as model:
        here = codex.against(model)
        here.parent_env = {k: v for k, v in here.parent_env.items() if k not in PLAIN}
        spec = await here.spec()
        async with await here.client() as bare:
            turn = await bare.turn(await bare.start_thread(PERSONA), "Hello!")
    assert turn.status == "completed"
    assert Path(spec.env["SSL_CERT_FILE"]).name == "one-root.pem"
