"""Options for starting Codex processes: frozen values, with secrets hidden from `repr`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class McpEndpoint:
    """One of our MCP servers."""

    name: str
    url: str
    bearer_env: str
    """The environment variable with its bearer."""

    @property
    def namespace(self) -> str:
        """Codex's namespace for the server's tools."""
        return f"mcp__{self.name}"


@dataclass(frozen=True, slots=True)
class CodexOptions:
    """How to run Codex, the same for every character."""

    binary: Path
    home: Path
    """The CODEX_HOME of the app-servers."""
    work_dir: Path
    """An empty folder, the working directory."""
    data_dir: Path
    """For the catalog and the TLS files."""
    user_home: Path | None = None
    """The CODEX_HOME whose login is shared; None shares none."""
    model: str | None = None
    effort: str | None = None
    base_url: str | None = None
    """A custom endpoint; None uses OpenAI's with the login."""
    api_key: str | None = field(default=None, repr=False)
    """The key of `base_url`."""
    use_catalog: bool = True
    ca_file: Path | None = None
    """Absolute path of a PEM file of CA certificates to trust besides the system's."""
    mcp_servers: tuple[McpEndpoint, ...] = ()


@dataclass(frozen=True, slots=True)
class Installed:
    """Facts of the installed binary and the system, read once by `launch.prepare`."""

    version: str
    features: frozenset[str]
    catalog: Path | None
    """The edited catalog; None when it is turned off."""
    tls: Mapping[str, str] = field(default_factory=dict)
    """Variables that name the TLS roots for a child; empty leaves them to Codex."""


@dataclass(frozen=True, slots=True)
class LaunchSpec:
    """A process to start: arguments, complete environment, working directory."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(repr=False)
    cwd: Path
