"""Is what is shipped whole? Builds it, and uses it alone, in an empty environment.

    make release
    make release PYTHONS="/path/to/python3.12 /path/to/python3.13"

Builds the source package and the wheel into ``dist/``, installs the wheel without extras into a new
environment of every Python 3.11 to 3.13 that it finds, runs what a newcomer would there, and writes
the bill of materials ``dist/sbom.cdx.json``. The release checklist is in docs/contributing.md.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
DIST = ROOT / "dist"
VERSIONS = ("3.11", "3.12", "3.13")
SHIPPED = (
    "hipimu/py.typed",
    "hipimu/firmware_protocols/movella-dot.toml",
    "hipimu/recordings/isen-run/recording.toml",
    "hipimu/recordings/isen-run/LICENSE-biomdp.txt",
    "hipimu/export/summary.schema.json",
    "hipimu/report/templates/report.html.j2",
    "hipimu/web/static/live/icon.svg",
    "hipimu/web/static/vendor/uplot/LICENSE",
    "hipimu/web/templates/coach/base.html",
    "hipimu/store/migrations/versions/r0001_sessions.py",
)
USES = (
    (("--version",), 0, "hipimu "),
    (("demo", "--out", "demo"), 0, "Report: "),
    (("demo", "--real", "--out", "real"), 3, "Report: "),
    (("analyse", "demo/interval-session", "--out", "again"), 0, "Report: "),
    (("protocols", "list"), 0, "movella-dot"),
    (("protocols", "show", "movella-dot"), 0, "movella"),
    (("convert", "--list"), 0, "hipimu-csv"),
    (("athlete", "add", "Ada"), 0, "Ada"),
    (("session", "add", "demo/interval-session", "--athlete", "Ada"), 0, ""),
    (("trend", "Ada"), 3, ""),
    (("batch", "demo/interval-session"), 0, "interval-session"),
    (("doctor",), None, ""),
)
"""What is typed, the exit code (None: depends on the machine), and what is said."""
WITHOUT_EXTRAS = (
    (("record", "--virtual", "3", "--out", "run"), "hipimu[virtual]"),
    (("query", "select 1"), "hipimu[analytics]"),
    (("batch", "demo/interval-session", "--cluster", "127.0.0.1:1"), "hipimu[cluster]"),
    (("analyse", "demo/interval-session", "--pdf"), "hipimu[pdf]"),
    (("trend", "Ada"), "hipimu[team]"),
    (("convert", "demo/interval-session", "run.fit", "--to", "fit"), "hipimu[fit]"),
    (("convert", "demo/interval-session", "run.mcap", "--to", "mcap"), "hipimu[mcap]"),
    (("convert", "apdm.h5", "apdm"), "hipimu[hdf5]"),
    (("live", "--replay", "demo/interval-session", "--lsl"), "hipimu[lsl]"),
    (("live", "--replay", "demo/interval-session", "--mqtt", "mqtt://127.0.0.1"), "hipimu[mqtt]"),
    (("live", "--replay", "demo/interval-session", "--tui"), "hipimu[tui]"),
)
"""What needs an extra, and which one it has to name."""
HDF5 = b"\x89HDF\r\n\x1a\n"
"""How any such file begins."""
ELSEWHERE = {"hipimu[team]": {"HIPIMU_STORE": "postgresql://nobody@127.0.0.1/none"}}
"""How the environment differs for it."""


def main() -> int:
    """Build, install, use, and say how it went; 1 where anything failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--python", nargs="*", default=[], help="interpreters to use besides")
    pythons = interpreters(parser.parse_args().python)
    wheel = build()
    problems = [f"the wheel lacks {name}" for name in missing(wheel)]
    for version, python in pythons.items():
        problems += [f"Python {version}: {problem}" for problem in used(wheel, python, version)]
    for version in VERSIONS:
        if version not in pythons:
            print(f"Python {version}: not found, not tried")
    print("\n".join(problems) or f"All well: {wheel.name}")
    return bool(problems)


def interpreters(named: list[str]) -> dict[str, str]:
    """Return a Python that runs for each version."""
    found: dict[str, str] = {}
    for candidate in (*named, *(f"python{version}" for version in VERSIONS), sys.executable):
        question = "import sys; print('%d.%d' % sys.version_info[:2])"
        path = shutil.which(candidate)
        if path is None:
            continue
        told = subprocess.run([path, "-c", question], capture_output=True, text=True, check=False)
        if told.returncode == 0 and told.stdout.strip() in VERSIONS:
            found.setdefault(told.stdout.strip(), path)
    return found


def build() -> Path:
    """Build the source package, and the wheel from it, as an index would."""
    shutil.rmtree(DIST, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "build", "--outdir", DIST, ROOT], check=True)
    (wheel,) = DIST.glob("*.whl")
    return wheel


def missing(wheel: Path) -> Iterator[str]:
    """Yield what should be in the wheel and is not."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    yield from (name for name in SHIPPED if name not in names)


def used(wheel: Path, python: str, version: str) -> Iterator[str]:
    """Install the wheel alone and use it; yield what went wrong."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        own = folder / "environment"
        subprocess.run([python, "-m", "venv", own], check=True)
        pip = (own / "bin" / "python", "-m", "pip", "--disable-pip-version-check")
        subprocess.run([*pip, "install", "--quiet", wheel], check=True)
        if version == VERSIONS[0]:
            write_bill(own)
        for words, code, said in USES:
            done = typed(own, folder, words)
            told = " ".join((done.stdout + done.stderr).split())
            if (code is not None and done.returncode != code) or said not in told:
                yield f"hipimu {' '.join(words)}: code {done.returncode}, said {told[-300:]!r}"
        (folder / "apdm.h5").write_bytes(HDF5)
        for words, extra in WITHOUT_EXTRAS:
            done = typed(own, folder, words, ELSEWHERE.get(extra, {}))
            if done.returncode != 1 or extra not in " ".join(done.stderr.split()):
                yield f"hipimu {' '.join(words)} does not name {extra}: {done.stderr[-300:]!r}"
        print(f"Python {version}: {len(USES)} uses, {len(WITHOUT_EXTRAS)} without an extra")


def typed(
    own: Path, folder: Path, words: tuple[str, ...], elsewhere: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run hipimu as somebody would who has only the wheel."""
    home = {"HOME": str(folder), "HIPIMU_STORE": str(folder / "store.sqlite"), "PATH": os.defpath}
    return subprocess.run(
        [own / "bin" / "hipimu", *words],
        cwd=folder,
        env=home | {"LANG": "C.UTF-8"} | dict(elsewhere or {}),
        capture_output=True,
        text=True,
        check=False,
    )


def write_bill(own: Path) -> None:
    """Write the bill of materials of an environment that has hipimu and what it needs."""
    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible"]
    bill = DIST / "sbom.cdx.json"
    subprocess.run([*command, "--output-file", bill, own / "bin" / "python"], check=True)


if __name__ == "__main__":
    sys.exit(main())
