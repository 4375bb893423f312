"""Generates everything that is derived from the contract, and says when it has drifted.

    python protos/generate.py            # write protos/gen/ and protos/third_party/
    python protos/generate.py --check    # write nothing; exit 1 when protos/gen/ is out of date

The only writer of `protos/gen/`: Python stubs with their types, the descriptor set that Envoy
transcodes by, and the OpenAPI document of the REST routes. Google's .proto files come out of the
googleapis-common-protos wheel.
"""

from __future__ import annotations

import argparse
import filecmp
import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from importlib.resources import files
from pathlib import Path

import openapi

PROTOS = Path(__file__).resolve().parent
THIRD_PARTY = PROTOS / "third_party"
GENERATED = PROTOS / "gen"

GOOGLE = (
    "google/api/annotations.proto",
    "google/api/http.proto",
    "google/api/httpbody.proto",
    "google/rpc/error_details.proto",
    "google/rpc/status.proto",
)
# Types that no method mentions but errors carry: without them Envoy cannot print an error as JSON.
ERRORS = ("google/rpc/error_details.proto", "google/rpc/status.proto")

INIT = '"""Generated from protos/facesvg. Run `make protos`."""\n'


def main() -> int:
    """Write or check the generated files and return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 on drift")
    options = parser.parse_args()
    lay_third_party()
    if not options.check:
        generate(GENERATED)
        return 0
    with tempfile.TemporaryDirectory() as fresh:
        generate(Path(fresh))
        drifted = differences(GENERATED, Path(fresh))
    for name in drifted:
        print(f"protos/gen/{name} is out of date; run `make protos`", file=sys.stderr)
    return 1 if drifted else 0


def lay_third_party() -> None:
    """Copy the Google files that the contract imports out of their wheel."""
    for name in GOOGLE:
        package, _, file = name.rpartition("/")
        source = Path(str(files(package.replace("/", ".")).joinpath(file)))
        target = THIRD_PARTY / name
        if target.exists() and filecmp.cmp(source, target, shallow=False):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def generate(out: Path) -> None:
    """Write stubs and descriptor set below `out`, replacing what is there."""
    python = out / "python"
    shutil.rmtree(python / "facesvg", ignore_errors=True)
    python.mkdir(parents=True, exist_ok=True)
    contract = sorted(str(p.relative_to(PROTOS)) for p in (PROTOS / "facesvg").rglob("*.proto"))
    protoc(
        f"--python_out={python}",
        f"--grpc_python_out={python}",
        f"--mypy_out=quiet:{python}",
        f"--mypy_grpc_out=quiet:{python}",
        *contract,
    )
    protoc(
        "--include_imports",
        "--include_source_info",
        f"--descriptor_set_out={out / 'facesvg.binpb'}",
        *contract,
        *ERRORS,
    )
    version = tomllib.loads((PROTOS.parent / "pyproject.toml").read_text())["project"]["version"]
    described = openapi.document((out / "facesvg.binpb").read_bytes(), version=version)
    package = python / "facesvg"
    (package / "openapi.json").write_text(json.dumps(described, indent=1) + "\n")
    (package / "__init__.py").write_text(INIT)
    (package / "v1" / "__init__.py").write_text(INIT)
    (package / "py.typed").write_text("")


def protoc(*arguments: str) -> None:
    """Run the protocol compiler of the grpcio-tools wheel."""
    well_known = Path(str(files("grpc_tools"))) / "_proto"
    includes = [f"-I{PROTOS}", f"-I{THIRD_PARTY}", f"-I{well_known}"]
    beside_python = Path(sys.executable).parent
    plugins = [
        f"--plugin={name}={beside_python / name}"
        for name in ("protoc-gen-mypy", "protoc-gen-mypy_grpc")
    ]
    command = [sys.executable, "-m", "grpc_tools.protoc", *includes, *plugins, *arguments]
    subprocess.run(command, check=True)


def differences(one: Path, other: Path) -> list[str]:
    """Return the names of generated files that are missing, superfluous or different in `one`."""
    names = {
        str(path.relative_to(root))
        for root in (one, other)
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    return sorted(
        name
        for name in names
        if not (one / name).is_file()
        or not (other / name).is_file()
        or not filecmp.cmp(one / name, other / name, shallow=False)
    )


if __name__ == "__main__":
    sys.exit(main())
