"""The helper of the Makefile recognises a usable environment, and only that."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import venv
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).with_name("environment.py")


@pytest.fixture(scope="module")
def environment() -> ModuleType:
    spec = importlib.util.spec_from_file_location("environment", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_nothing_is_not_usable(environment: ModuleType, tmp_path: Path) -> None:
    assert not environment.is_usable(tmp_path / "absent")


def test_an_environment_without_pip_is_not_usable(environment: ModuleType, tmp_path: Path) -> None:
    venv.create(tmp_path / "bare", with_pip=False)
    assert not environment.is_usable(tmp_path / "bare")


def test_a_usable_environment_is_left_alone(environment: ModuleType, tmp_path: Path) -> None:
    folder = tmp_path / "made"
    venv.create(folder, with_pip=False)
    packages = next(folder.glob("lib/python3*/site-packages"))
    (packages / "pip.py").touch()
    assert environment.make_venv(folder) == 0
    stamp = (folder / ".made").stat().st_mtime_ns
    assert environment.make_venv(folder) == 0
    assert (folder / ".made").stat().st_mtime_ns == stamp
    assert (packages / "pip.py").exists()


def test_postgresql_is_found_where_debian_puts_it(
    environment: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in ("9.6", "15"):
        program = tmp_path / version / "bin" / "initdb"
        program.parent.mkdir(parents=True)
        program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(environment, "DATABASE_FOLDER", tmp_path)
    assert environment.database_path() == str(tmp_path / "15" / "bin" / "initdb")
    monkeypatch.setattr(environment, "DATABASE_FOLDER", tmp_path / "none")
    assert environment.database_path() is None


def test_it_explains_itself() -> None:
    done = subprocess.run([sys.executable, SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "environment.py venv" in done.stderr
