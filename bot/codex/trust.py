"""Whom Codex trusts at the other end of TLS. Owns the check of a CA file of the user's.

Codex adds the certificates in `CODEX_CA_CERTIFICATE` to those of the system (measured with 0.163.0
and 0.171.0); a file without any makes each request fail with “error sending request”, which tells
nobody why. So the file is read at start.
"""

from __future__ import annotations

import ssl
import stat
from pathlib import Path

from bot.errors import SettingsError

# The bundle of a whole operating system has 0.2–0.5 MB.
CA_FILE_LIMIT = 4 * 1024 * 1024

_SETTING = "CODEX_CA_FILE"


def ca_file(given: Path | None) -> Path | None:
    """The absolute path of a file that holds at least one certificate; None if none is given.

    Raises `SettingsError` when it cannot be read, or holds no certificate in PEM form.
    """
    if given is None:
        return None
    path = given.expanduser().absolute()
    try:
        # Opened only if it is a plain file: reading a pipe would wait for its writer.
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
    except (ssl.SSLError, ValueError):  # ValueError: nothing at all
        return False
    return bool(context.cert_store_stats()["x509"])
