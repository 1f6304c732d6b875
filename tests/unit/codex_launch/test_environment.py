"""What a child may know: the way past a proxy, and whom to trust."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

import pytest
import trustme

from bot.codex import trust
from bot.codex.environment import child_env, no_proxy
from bot.codex.options import CodexOptions, McpEndpoint
from bot.codex.trust import CA_FILE_LIMIT, ca_file
from bot.errors import SettingsError
from bot.runtime.bootstrap import codex_options
from bot.settings import load

OURS = "http://127.0.0.1:8642/mcp/action"


def options(folder: Path, url: str = OURS, **more) -> CodexOptions:
    servers = (McpEndpoint("action", url, "BEARER"), McpEndpoint("guidelines", url, "BEARER"))
    return CodexOptions(Path("/codex"), folder, folder, folder, mcp_servers=servers, **more)


@pytest.mark.parametrize(
    ("given", "exempt"),
    [
        ({}, "127.0.0.1"),
        ({"NO_PROXY": ""}, "127.0.0.1"),
        ({"NO_PROXY": "a.example"}, "a.example,127.0.0.1"),
        ({"no_proxy": "b.example"}, "b.example,127.0.0.1"),
        ({"NO_PROXY": "a, b ,", "no_proxy": "b,c"}, "a,b,c,127.0.0.1"),
        ({"NO_PROXY": "127.0.0.1,a"}, "127.0.0.1,a"),
        ({"NO_PROXY": "*"}, "*"),
        ({"NO_PROXY": "a,*"}, "*"),
    ],
)
def test_what_the_parent_exempts_stays_and_our_listener_is_added_once(given, exempt, tmp_path):
    env = child_env(options(tmp_path), given)
    assert env["NO_PROXY"] == env["no_proxy"] == exempt


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://[::1]:8642/mcp/action", "::1"),
        ("http://localhost:1/mcp/action", "localhost"),
        ("http://192.0.2.5:8642/mcp/action", "192.0.2.5"),
    ],
)
def test_the_listener_is_exempt_by_its_bare_host(url, host):
    assert no_proxy({}, [url]) == host


def test_without_tools_over_http_the_parents_exemptions_stay_as_they_are(tmp_path):
    bare = CodexOptions(Path("/codex"), tmp_path, tmp_path, tmp_path)
    assert "NO_PROXY" not in child_env(bare, {})
    assert child_env(bare, {"no_proxy": "a"})["NO_PROXY"] == "a"


def test_a_ca_of_the_settings_is_taken_before_one_of_the_parents(tmp_path):
    given = {"CODEX_CA_CERTIFICATE": "/parent.pem", "SSL_CERT_FILE": "/bundle.pem"}
    assert given.items() <= child_env(options(tmp_path), given).items()
    env = child_env(options(tmp_path, ca_file=Path("/ours.pem")), given)
    assert env["CODEX_CA_CERTIFICATE"] == "/ours.pem"
    assert env["SSL_CERT_FILE"] == "/bundle.pem"


# --- the file of a CA -----------------------------------------------------------------------


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(path))
    return path


def test_a_ca_file_is_found_from_any_folder(pem, monkeypatch):
    monkeypatch.chdir(pem.parent)
    assert ca_file(Path("ca.pem")) == pem
    assert ca_file(None) is None


def test_a_bundle_with_comments_in_any_language_is_a_ca_file(pem):
    pem.write_bytes("# Autorité de certification\n".encode() + pem.read_bytes() * 2)
    assert ca_file(pem) == pem


def write_key(path: Path) -> None:
    trustme.CA().issue_cert("x").private_key_pem.write_to_path(str(path))


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_text("not a certificate"),
        lambda path: path.write_bytes(bytes(range(256))),
        lambda path: path.write_text(
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"
        ),
        lambda path: path.write_bytes(b"\n" * (CA_FILE_LIMIT + 1)),
        write_key,
        os.mkfifo,
        Path.mkdir,
    ],
)
def test_what_holds_no_certificate_is_refused_at_start(make, tmp_path):
    make(tmp_path / "given")
    with pytest.raises(SettingsError, match=r"given, which holds no certificate .* PEM") as caught:
        ca_file(tmp_path / "given")
    assert caught.value.setting == "CODEX_CA_FILE"


def test_a_ca_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"missing\.pem, which cannot be read \(No such file"):
        ca_file(tmp_path / "missing.pem")


def test_the_setting_is_what_reaches_the_child(pem, tmp_path):
    settings = load({"CODEX_CA_FILE": str(pem), "DATA_DIR": str(tmp_path)}, Path("/nowhere/.env"))
    assert child_env(codex_options(settings, {}), {})["CODEX_CA_CERTIFICATE"] == str(pem)


# --- the system's roots ---------------------------------------------------------------------


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A system's bundle of three roots."""
    path = tmp_path / "bundle.crt"
    pems = [trustme.CA().cert_pem.bytes() for _ in range(3)]
    path.write_bytes("# Größe\n".encode() + b"\n".join(pems))
    return path


def roots_of(
    tmp_path: Path, bundle: Path, base_url: str | None, env=None, **more
) -> dict[str, str]:
    given = {"bundles": [tmp_path / "none.crt", bundle], "root_folders": []} | more
    return trust.roots(base_url, env or {}, tmp_path / "tls", **given)


def stored(path: str) -> int:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(path)
    return context.cert_store_stats()["x509"]


@pytest.mark.parametrize(
    "base_url", [None, "https://127.0.0.1/v1", "HTTPS://ollama/v1", "http://model.example/v1"]
)
def test_an_endpoint_that_is_or_may_lead_behind_tls_gets_the_systems_bundle_and_an_empty_folder(
    tmp_path, bundle, base_url
):
    env = roots_of(tmp_path, bundle, base_url)
    assert env["SSL_CERT_FILE"] == str(bundle)
    assert list(Path(env["SSL_CERT_DIR"]).iterdir()) == []


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "[::1]:8080", "192.168.1.5", "ollama:11434"])
def test_a_plain_endpoint_nearby_gets_one_root_that_can_be_read(tmp_path, bundle, host):
    env = roots_of(tmp_path, bundle, f"http://{host}/v1")
    assert stored(env["SSL_CERT_FILE"]) == 1
    assert stored(str(bundle)) == 3
    assert list(Path(env["SSL_CERT_DIR"]).iterdir()) == []


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_a_proxy_behind_tls_needs_the_bundle_too(tmp_path, bundle, name):
    env = roots_of(tmp_path, bundle, "http://10.0.0.5", {name: "https://proxy.example"})
    assert env["SSL_CERT_FILE"] == str(bundle)
    env = roots_of(tmp_path, bundle, "http://10.0.0.5", {name: "http://proxy.example"})
    assert env["SSL_CERT_FILE"] != str(bundle)


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_what_the_parent_says_of_roots_stays(tmp_path, bundle, name):
    assert roots_of(tmp_path, bundle, "http://127.0.0.1:8080", {name: "/theirs"}) == {}


def test_roots_that_an_admin_put_beside_the_bundle_are_not_lost(tmp_path, bundle):
    folder = tmp_path / "certs"
    folder.mkdir()
    for number in range(3):
        (folder / f"root-{number}.pem").write_text("")
        (folder / f"0000000{number}.0").symlink_to(f"root-{number}.pem")
        (folder / f"0000001{number}.0").symlink_to(f"root-{number}.pem")  # the older hash of it
    assert roots_of(tmp_path, bundle, None, root_folders=[folder])
    (folder / "0000000a.0").write_text("")
    assert roots_of(tmp_path, bundle, None, root_folders=[folder]) == {}


@pytest.mark.parametrize("content", ["", "no certificate", "-----BEGIN CERTIFICATE-----\n"])
def test_without_a_bundle_codex_looks_for_roots_itself(tmp_path, content):
    (tmp_path / "bundle.crt").write_text(content)
    assert roots_of(tmp_path, tmp_path / "bundle.crt", None) == {}
    assert roots_of(tmp_path, tmp_path / "nowhere.crt", None) == {}
