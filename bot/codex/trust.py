"""The TLS certificates that Codex trusts: the user's CA file, and the system's roots.

Codex adds the certificates in `CODEX_CA_CERTIFICATE` to those of the system (measured with 0.163.0
and 0.171.0); a file without certificates makes each request fail with “error sending request”,
without the reason. So the file is checked at start.

Codex reads the system's roots again for every turn, before it asks the model, even for an `http://`
endpoint: some 290 files on systems with a file for each root, 15 ms of CPU. With a bundle and an
empty folder named in its environment it reads only the bundle.
docs/decisions/2026-11-30-codex-without-its-waste.md has the figures.
"""

from __future__ import annotations

import re
import ssl
import stat
import sys
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from bot.codex.home import private_folder, write_private
from bot.errors import SettingsError

# Bytes. An operating system's whole bundle has 0.2–0.5 MB.
CA_FILE_LIMIT = 4 * 1024 * 1024

_SETTING = "CODEX_CA_FILE"

# Where Linux systems keep all roots in one file (Debian, Fedora, openSUSE, Alpine), and the folders
# with a file for each root.
BUNDLES = tuple(
    Path(name)
    for name in (
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    )
)
ROOT_FOLDERS = (Path("/etc/ssl/certs"), Path("/etc/pki/tls/certs"))
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")
# OpenSSL's file name for a root in a folder: a hash of its subject, and a number.
_HASHED = re.compile(r"[0-9a-f]{8}\.\d+")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


def ca_file(given: Path | None) -> Path | None:
    """Check the user's CA file and return its absolute path; None without a file.

    Raises `SettingsError` when it cannot be read, or contains no certificate in PEM form.
    """
    if given is None:
        return None
    path = given.expanduser().absolute()
    try:
        # Only a plain file is opened: reading a pipe would wait for its writer.
        if stat.S_ISREG(path.stat().st_mode):
            with path.open("rb") as file:
                content = file.read(CA_FILE_LIMIT + 1)
        else:
            content = b""
    except OSError as error:
        text = f"{_SETTING} is {path}, which cannot be read ({error.strerror})."
        raise SettingsError(_SETTING, text) from error
    if len(content) > CA_FILE_LIMIT or not _holds_certificates(content):
        raise SettingsError(
            _SETTING,
            f"{_SETTING} is {path}, which holds no certificate that can be read. It should be a "
            "PEM file: text with a block from -----BEGIN CERTIFICATE----- to "
            "-----END CERTIFICATE-----.",
        )
    return path


def _holds_certificates(pem: bytes) -> bool:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Comments between the blocks may be in any encoding.
    text = pem.decode("ascii", errors="ignore")
    try:
        context.load_verify_locations(cadata=text)
    except (ssl.SSLError, ValueError):  # ValueError: an empty text
        return False
    return bool(context.cert_store_stats()["x509"])


def roots(
    base_url: str | None,
    parent_env: Mapping[str, str],
    folder: Path,
    *,
    bundles: Sequence[Path] = BUNDLES,
    root_folders: Sequence[Path] = ROOT_FOLDERS,
) -> dict[str, str]:
    """Return `SSL_CERT_FILE` and `SSL_CERT_DIR` for a child that uses `base_url` (None: OpenAI).

    Empty, so that Codex finds the roots itself, when the parent sets either variable, the system is
    not Linux, has no bundle, or keeps roots outside it. Files are created in `folder`.
    """
    if sys.platform != "linux" or parent_env.keys() & {"SSL_CERT_FILE", "SSL_CERT_DIR"}:
        return {}
    bundle = next((path for path in bundles if path.is_file()), None)
    if bundle is None:
        return {}
    found = _CERTIFICATE.findall(bundle.read_bytes())
    if not found or _single_roots(root_folders) > len(found):
        return {}
    if not _needs_roots(base_url, parent_env):
        # A single root is enough: Codex's client always sets up TLS and rejects an empty list.
        bundle = folder / "one-root.pem"
        write_private(bundle, found[0].decode("ascii") + "\n")
    empty = folder / "no-roots"
    private_folder(empty)
    return {"SSL_CERT_FILE": str(bundle), "SSL_CERT_DIR": str(empty)}


def _single_roots(folders: Sequence[Path]) -> int:
    """Count the roots with a file of their own. More than in the bundle means that an admin added
    roots by hand.
    """
    return len(
        {
            entry.resolve()
            for folder in folders
            if folder.is_dir()
            for entry in folder.iterdir()
            if _HASHED.fullmatch(entry.name)
        }
    )


def _needs_roots(base_url: str | None, parent_env: Mapping[str, str]) -> bool:
    """Return whether the model, or a proxy in between, uses TLS or may redirect to it."""
    if any(parent_env.get(name, "").lower().startswith("https:") for name in _PROXIES):
        return True
    return base_url is None or not _is_plain_and_near(base_url)


def _is_plain_and_near(base_url: str) -> bool:
    """Return whether it is an `http://` endpoint with an IP address or a local host name. Any other
    endpoint may redirect to `https://`, which Codex follows (measured with 0.163.0).
    """
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if parts.scheme != "http":
        return False
    try:
        ip_address(host)
    except ValueError:
        return "." not in host
    return True
