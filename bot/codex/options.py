"""What a Codex process is started with: values only, secrets hidden from `repr`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class McpEndpoint:
    """One of our MCP servers. `bearer_env` names the variable that holds its bearer."""

    name: str
    url: str
    bearer_env: str

    @property
    def namespace(self) -> str:
        """What Codex calls the server's tools by."""
        return f"mcp__{self.name}"


@dataclass(frozen=True, slots=True)
class CodexOptions:
    """How Codex is used, the same for every character.

    `home` becomes CODEX_HOME; `work_dir` is an empty folder; `data_dir` takes the catalog.
    `user_home` is the CODEX_HOME whose login is shared; None shares none.
    `base_url` names an endpoint of one's own, `api_key` its key; without it, the login counts.
    """

    binary: Path
    home: Path
    work_dir: Path
    data_dir: Path
    user_home: Path | None = None
    model: str | None = None
    effort: str | None = None
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    use_catalog: bool = True
    ca_file: Path | None = None
    """PEM of certificate authorities to trust besides the system's, absolute."""
    mcp_servers: tuple[McpEndpoint, ...] = ()


@dataclass(frozen=True, slots=True)
class Installed:
    """What was learnt from the binary and the system, once: its version, its features, the edited
    catalog.
    """

    version: str
    features: frozenset[str]
    catalog: Path | None
    tls: Mapping[str, str] = field(default_factory=dict)
    """Variables that name the roots of TLS to a child; empty leaves it to Codex."""


@dataclass(frozen=True, slots=True)
class LaunchSpec:
    """A process to start: arguments, the whole environment, the working folder."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(repr=False)
    cwd: Path
