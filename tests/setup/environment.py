"""Make the virtual environment, and find a browser for the tests. Standard library only.

The Makefile runs this before anything is installed::

    python tests/setup/environment.py venv .venv
    python tests/setup/environment.py browser
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from ctypes.util import find_library
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_PACKAGES = ("chromium", "fonts-dejavu-core")
PRINTER_LIBRARIES = {
    "pangoft2-1.0": "libpangoft2-1.0-0",
    "harfbuzz-subset": "libharfbuzz-subset0",
}
"""What weasyprint, which makes report.pdf, looks for in the system."""
BROKER = "mosquitto"
DATABASE = "postgresql"
DATABASE_FOLDER = Path("/usr/lib/postgresql")


def main(arguments: list[str]) -> int:
    """Do what the Makefile asks for; return the exit code."""
    match arguments:
        case ["venv", folder]:
            return make_venv(Path(folder))
        case ["browser"]:
            return find_browser()
        case _:
            print(__doc__, file=sys.stderr)
            return 2


def make_venv(folder: Path) -> int:
    """Make `folder` a virtual environment of this interpreter, unless it is one already."""
    stamp = folder / ".made"
    if not is_usable(folder):
        if not can_make_venvs():
            return explain_missing_venv()
        print(f"Making {folder} with Python {sys.version.split()[0]}")
        command = [sys.executable, "-m", "venv", "--clear", str(folder)]
        if subprocess.run(command, check=False).returncode != 0:
            print(f"{folder} could not be made; the reason stands above.", file=sys.stderr)
            return 1
        stamp.touch()
    if not stamp.exists():
        stamp.touch()
    return 0


def is_usable(folder: Path) -> bool:
    """Tell whether `folder` has this Python version, and pip."""
    python = folder / "bin" / "python"
    if not python.exists():
        return False
    question = "import pip, sys; print(*sys.version_info[:2])"
    answer = subprocess.run([python, "-c", question], capture_output=True, text=True, check=False)
    return answer.stdout.split() == [str(part) for part in sys.version_info[:2]]


def can_make_venvs() -> bool:
    """Tell whether venv and ensurepip are there, installing them where that is ours to do.

    Debian ships them apart from Python itself.
    """
    if has_venv():
        return True
    if may_install():
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        print(f"Installing the system package {package}")
        apt_install(package)
    return has_venv()


def has_venv() -> bool:
    """Tell whether this interpreter can make virtual environments with pip inside."""
    return all(
        subprocess.run(
            [sys.executable, "-m", *question], capture_output=True, check=False
        ).returncode
        == 0
        for question in (("venv", "--help"), ("ensurepip", "--version"))
    )


def explain_missing_venv() -> int:
    """Say what is missing, and how to get it."""
    print(
        f"{sys.executable} cannot make virtual environments: its modules venv and ensurepip are "
        "not installed.\nInstall them (on Debian and Ubuntu: apt-get install python3-venv) or "
        "name another interpreter: make PYTHON=/path/to/python3.12",
        file=sys.stderr,
    )
    return 1


def find_browser() -> int:
    """Find what tests need of the system; on Debian as root install it; never fail.

    In CI the tests themselves fail where one is missing.
    """
    missing = (
        *(() if browser_path() else BROWSER_PACKAGES),
        *missing_printer_libraries(),
        *(() if broker_path() else (BROKER,)),
        *(() if database_path() else (DATABASE,)),
    )
    if missing and may_install():
        print(f"Installing the system packages {' and '.join(missing)}")
        apt_install(*missing)
    if not browser_path():
        print("No Chromium found: the browser tests will skip. Install chromium to run them.")
    if missing_printer_libraries():
        print("Pango is missing: the tests of report.pdf will skip. Install pango to run them.")
    if not broker_path():
        print("No mosquitto found: the tests of MQTT will skip. Install mosquitto to run them.")
    if not database_path():
        print("No PostgreSQL found: its tests will skip. Install postgresql to run them.")
    return 0


def missing_printer_libraries() -> tuple[str, ...]:
    """Return the packages whose library the system does not have."""
    return tuple(
        package for library, package in PRINTER_LIBRARIES.items() if not find_library(library)
    )


def browser_path() -> str | None:
    """Return the first browser on the PATH."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def broker_path() -> str | None:
    """Return the MQTT broker; Debian puts it where only root looks."""
    return shutil.which(BROKER) or shutil.which(BROKER, path="/usr/sbin")


def database_path() -> str | None:
    """Return what makes a PostgreSQL database; Debian puts each version in a folder of its own."""
    versions = DATABASE_FOLDER.glob("*/bin")
    folders = sorted(versions, key=lambda path: float(path.parent.name), reverse=True)
    return shutil.which("initdb") or next(
        filter(None, (shutil.which("initdb", path=str(folder)) for folder in folders)), None
    )


def may_install() -> bool:
    """Tell whether this is Debian, and we are root."""
    is_debian = Path("/etc/debian_version").exists() and shutil.which("apt-get") is not None
    return is_debian and os.geteuid() == 0


def apt_install(*packages: str) -> None:
    """Install system packages; a failure is told by what is still missing afterwards."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-qq", "--yes", "--no-install-recommends", *packages],
    ):
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
