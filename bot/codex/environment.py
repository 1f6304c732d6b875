"""The environment of every Codex process: an allow-list, and the way past the proxy to our tools.

Owns which variables of ours a child may know. Bearers and keys are added by `launch`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from bot.codex.options import CodexOptions

# What a child may know of our environment: how to reach the network, whom to trust there, and
# how to speak.
_ALLOWED = frozenset(
    {"PATH", "LANG", "LANGUAGE", "TZ", "TMPDIR"}
    | {"SSL_CERT_FILE", "SSL_CERT_DIR", "CODEX_CA_CERTIFICATE"}
    | {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"}
    | {"http_proxy", "https_proxy", "all_proxy"}
)
_NO_PROXY = ("NO_PROXY", "no_proxy")


def child_env(options: CodexOptions, parent_env: Mapping[str, str]) -> dict[str, str]:
    """The environment of every Codex process, by allow-list; no secrets yet."""
    env = {name: value for name, value in parent_env.items() if _may_pass(name)}
    env.setdefault("PATH", "/usr/local/bin:/usr/bin:/bin")
    exempt = no_proxy(parent_env, (server.url for server in options.mcp_servers))
    if exempt:
        env |= dict.fromkeys(_NO_PROXY, exempt)
    if options.ca_file is not None:
        env["CODEX_CA_CERTIFICATE"] = str(options.ca_file)
    # HOME is ours too, so that nothing is found in, or written to, the user's.
    return env | {"HOME": str(options.home), "CODEX_HOME": str(options.home), "BROWSER": ""}


def no_proxy(parent_env: Mapping[str, str], urls: Iterable[str]) -> str:
    """The value of `NO_PROXY`: what the parent exempts by either spelling, and the hosts of `urls`.

    Without it Codex sends its tool calls, bearer included, to the proxy (measured with 0.163.0
    and 0.171.0). Programs differ in which spelling they read, so a child gets this one under both.
    An IPv6 address stands without brackets: that is how Codex's HTTP client compares it.
    """
    given = [entry.strip() for name in _NO_PROXY for entry in parent_env.get(name, "").split(",")]
    # A lone `*` exempts everything; within a list some programs no longer understand it.
    if "*" in given:
        return "*"
    hosts = [urlsplit(url).hostname or "" for url in urls]
    return ",".join(dict.fromkeys(entry for entry in [*given, *hosts] if entry))


def _may_pass(name: str) -> bool:
    return name in _ALLOWED or name.startswith("LC_")
