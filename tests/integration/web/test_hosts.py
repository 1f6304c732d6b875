"""Whose pages may read ours: only a host that we know is answered."""

from __future__ import annotations

import asyncio

import httpx2
import pytest

PAGES = ("/", "/healthz", "/health/codex", "/metrics")


async def status(web, path: str, host: str) -> int:
    async with httpx2.AsyncClient() as http:
        return (await http.get(web.server.url + path, headers={"Host": host})).status_code


@pytest.mark.parametrize("path", PAGES)
async def test_a_web_page_that_points_its_name_at_us_reads_nothing(web, path):
    assert await status(web, path, "evil.example") == 421
    assert await status(web, path, f"evil.example:{web.server.port}") == 421


@pytest.mark.parametrize(
    "host", ["localhost.evil.example", "127.0.0.1.evil.example", "evil", "", "[::1", "2130706433"]
)
async def test_what_only_looks_like_a_known_host_is_none(web, host):
    expected = 200 if host == "[::1" else 421  # no name, whatever it is
    assert await status(web, "/healthz", host) == expected


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST.:8642", "127.0.0.1", "10.1.2.3:8642", "[::1]:8642", "[fd00::5]"],
)
@pytest.mark.parametrize("path", PAGES)
async def test_this_machine_and_every_address_are_known(web, path, host):
    assert await status(web, path, host) == 200


async def test_a_name_of_the_settings_is_known(web):
    assert await status(web, "/healthz", "bots.example.net") == 200
    assert await status(web, "/healthz", "Bots.Example.Net:443") == 200
    # With a port, too: it is the name that counts.
    assert await status(web, "/healthz", "panel.example.net") == 200


async def test_a_refusal_says_what_to_set(web):
    async with httpx2.AsyncClient() as http:
        answer = await http.get(web.server.url, headers={"Host": "proxy.example"})
    assert "HTTP_NAMES" in answer.text
    assert "Mira" not in answer.text


async def test_a_probe_of_http_1_0_needs_no_host(web):
    reader, writer = await asyncio.open_connection("127.0.0.1", web.server.port)
    writer.write(b"GET /healthz HTTP/1.0\r\n\r\n")
    assert (await reader.readline()).split()[1] == b"200"
    writer.close()
