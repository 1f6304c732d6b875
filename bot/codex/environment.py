"""The environment of every Codex process: an allow-list, and `NO_PROXY` for our MCP servers.

Owns which variables a child inherits. `launch` adds bearers and keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from bot.codex.options import CodexOptions

# The variables that a child inherits: for programs, languages, TLS certificates and proxies.
_ALLOWED = frozenset(
    {"PATH", "LANG", "LANGUAGE", "TZ", "TMPDIR"}
    | {"SSL_CERT_FILE", "SSL_CERT_DIR", "CODEX_CA_CERTIFICATE"}
    | {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"}
    | {"http_proxy", "https_proxy", "all_proxy"}
)
_NO_PROXY = ("NO_PROXY", "no_proxy")


def child_env(options: CodexOptions, parent_env: Mapping[str, str]) -> dict[str, str]:
    """Build the environment of every Codex process from the allow-list, without secrets."""
    env = {name: value for name, value in parent_env.items() if _may_pass(name)}
    env.setdefault("PATH", "/usr/local/bin:/usr/bin:/bin")
    exempt = no_proxy(parent_env, (server.url for server in options.mcp_servers))
    if exempt:
        env |= dict.fromkeys(_NO_PROXY, exempt)
    if options.ca_file is not None:
        env["CODEX_CA_CERTIFICATE"] = str(options.ca_file)
    # HOME is our own folder too, so that nothing is read from or written to the user's.
    return env | {"HOME": str(options.home), "CODEX_HOME": str(options.home), "BROWSER": ""}


def no_proxy(parent_env: Mapping[str, str], urls: Iterable[str]) -> str:
    """Return the value of `NO_PROXY`: the parent's entries under either spelling, and all `urls`.

    Without it Codex sends its tool calls, bearer included, to the proxy (measured with 0.163.0
    and 0.171.0). Programs read different spellings, so a child gets the value under both. IPv6
    addresses are written without brackets, as Codex's HTTP client compares them.
    """
    given = [entry.strip() for name in _NO_PROXY for entry in parent_env.get(name, "").split(",")]
    # A lone `*` exempts everything; within a list some programs no longer understand it.
    if "*" in given:
        return "*"
    hosts = [urlsplit(url).hostname or "" for url in urls]
    return ",".join(dict.fromkeys(entry for entry in [*given, *hosts] if entry))


def _may_pass(name: str) -> bool:
    return name in _ALLOWED or name.startswith("LC_")
