"""Writes libraries in place of those of CUDA that a torch lacks, so that its CPU half can be imported.

They have the names that torch's libraries ask for, and nothing behind them: a call into one ends the process.
"""

import collections
import pathlib
import re
import subprocess
import sys
import tempfile

# The driver is left to the system: nothing asks for it before a GPU is used.
CUDA = re.compile(r"lib(cu|nv|nccl)(?!da\.).*\.so\.\d+")
# Most libraries have their name as the version of their symbols, this one another.
VERSIONS = {"libnvshmem_host.so.3": "NVSHMEM"}


def needed(library: pathlib.Path) -> set[str]:
    dynamic = subprocess.run(["readelf", "-dW", library], check=True, capture_output=True, text=True).stdout
    return set(re.findall(r"NEEDED.*\[(.*)\]", dynamic))


def undefined(library: pathlib.Path) -> list[tuple[str, str]]:
    """The names that a library wants from others, each with its version or none."""
    symbols = subprocess.run(["nm", "-D", "--undefined-only", library], check=True, capture_output=True, text=True)
    names = [line.split()[-1] for line in symbols.stdout.splitlines()]
    return [(name, version) for name, _, version in (entry.partition("@") for entry in names)]


def write(folder: pathlib.Path, name: str, symbols: set[str]) -> None:
    with tempfile.TemporaryDirectory() as made:
        source, script = pathlib.Path(made, "stand_in.c"), pathlib.Path(made, "versions")
        source.write_text("".join(f"char {symbol}[8];\n" for symbol in sorted(symbols)))
        script.write_text(f"{VERSIONS.get(name, name)} {{ *; }};\n")
        options = [f"-Wl,-soname,{name}", f"-Wl,--version-script={script}"]
        subprocess.run(["cc", "-shared", source, "-o", folder / name, *options], check=True)


def main() -> None:
    site = pathlib.Path(sys.argv[1])
    libraries = list((site / "torch/lib").glob("*.so"))
    # Where torch's libraries look, and where the packages that are there have put theirs.
    folder = site / "nvidia/cu13/lib"
    names = {name for library in libraries for name in needed(library) if CUDA.fullmatch(name)}
    missing = sorted(name for name in names if not (folder / name).exists())
    wanted = collections.defaultdict(set)
    for library in libraries:
        for symbol, version in undefined(library):
            wanted[version].add(symbol)
    # Of what has no version it is not known which library has it.
    others = {symbol for symbol in wanted[""] if symbol.startswith(("cu", "nccl"))}
    for name in missing:
        write(folder, name, wanted.get(VERSIONS.get(name, name), others))


if __name__ == "__main__":
    main()
