"""What the image holds works: installed from the lock alone, in an empty folder, without rights."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.packaging.image import ROOT, Image

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@contextmanager
def healthz(status: int) -> Iterator[int]:
    """A server whose `/healthz` answers `status`; gives its port."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/healthz" else 404)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def test_a_container_without_a_token_waits_unhealthy_and_says_where_to_get_one(
    image: Image,
) -> None:
    with image.started(image.command, HTTP_PORT="0") as container:
        assert container.stderr is not None
        said = next(line for line in container.stderr if "cannot start, and waits" in line)
        assert "DISCORD_TOKEN" in said
        assert "discord.com/developers" in said
        assert "`docker compose up -d`" in said
        found = re.search(r"http://[\d.]+:(\d+)", next(iter(container.stderr)))
        assert found is not None
        asked = image.run(image.health, HTTP_PORT=found[1])
        assert (asked.returncode, "DISCORD_TOKEN" in asked.stderr) == (1, True)
        assert container.poll() is None
        container.terminate()
        assert container.wait(15) == 0
        assert "Traceback" not in container.stderr.read()


def test_the_commands_that_texts_name_are_there(image: Image) -> None:
    ended = image.run(["troupe", "doctor", "--offline"], cwd="data")
    assert "FAIL  Codex login" in ended.stdout, ended.stderr
    assert "Run `docker compose run --rm bot troupe login`" in ended.stdout
    assert ended.returncode == 1


def test_the_health_check_passes_only_while_the_bot_says_it_is_well(image: Image) -> None:
    with healthz(200) as port:
        assert image.run(image.health, HTTP_PORT=str(port)).returncode == 0
        assert image.run(image.health, HTTP_HOST="0.0.0.0", HTTP_PORT=str(port)).returncode == 0
    with healthz(503) as sick:
        assert image.run(image.health, HTTP_PORT=str(sick)).returncode == 1
    assert image.run(image.health, HTTP_PORT=str(port)).returncode == 1, "nobody listens there"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become the image's user")
def test_the_bot_is_nobody_and_may_write_its_data_and_nothing_else(image: Image) -> None:
    probe = (
        "import os, sys; from pathlib import Path; print(os.getuid());"
        "Path(os.environ['DATA_DIR'], 'probe').write_text('');"
        "sys.exit(any(os.access(folder, os.W_OK) for folder in ('.', sys.prefix)))"
    )
    ended = image.run(["python", "-c", probe])
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) == image.user > 0


def test_codex_is_on_the_path_for_the_operator_to_log_in(image: Image) -> None:
    ended = image.run(["codex", "login", "--help"])
    assert ended.returncode == 0, ended.stderr
    assert "--device-auth" in ended.stdout


def test_the_mcp_servers_start_in_the_image_too(image: Image) -> None:
    ended = image.run(["python", "-c", "import mcp_servers.action, mcp_servers.guidelines"])
    assert ended.returncode == 0, ended.stderr


def test_the_wheel_installs_without_an_index_and_brings_the_command(
    image: Image, tmp_path: Path
) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    python = str(image.root / "venv/bin/python")
    install = [python, "-m", "pip", "install", "-q", "--no-index", "--no-deps", str(wheel)]
    subprocess.run(install, check=True)
    ended = image.run(["troupe", "--help"], cwd="data")
    assert ended.returncode == 0, ended.stderr
    assert "doctor" in ended.stdout
    # And what it says is what can be typed there.
    ended = image.run(["troupe", "run"], cwd="data")
    assert (ended.returncode, "DISCORD_TOKEN" in ended.stderr) == (78, True)
    assert "make" not in ended.stderr
    ended = image.run(["troupe", "doctor", "--offline"], cwd="data")
    assert "Run `troupe login`" in ended.stdout, ended.stderr
