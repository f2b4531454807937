"""What a team's server is set up with: locked dependencies, a service, a container."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WANTED = [
    Requirement(text)
    for texts in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())
    for text in texts
]


def locked() -> dict[str, str]:
    text = (DEPLOY / "requirements.lock").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9][a-z0-9.-]*)==([^ ;\\]+)", text, re.M))


@pytest.mark.parametrize("wanted", WANTED, ids=str)
def test_the_lock_has_everything_in_a_version_that_is_allowed(wanted: Requirement) -> None:
    versions = locked()

    assert wanted.name.lower() in versions, "make lock"
    assert wanted.specifier.contains(versions[wanted.name.lower()])


def test_the_lock_knows_every_file_by_its_content() -> None:
    text = (DEPLOY / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.M)[1:]

    assert len(entries) > 60
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text


def test_the_container_copies_what_is_there() -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    named = [
        word for line in re.findall(r"^COPY ([^-].*) \S+$", text, re.M) for word in line.split()
    ]

    assert {"hipimu", "firmware_protocols", "recordings"} <= set(named)
    assert all((ROOT / name).exists() for name in named)


def test_the_service_is_one_that_systemd_takes(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not there")
    text = (DEPLOY / "hipimu.service").read_text(encoding="utf-8")
    here = Path(sys.executable).with_name("hipimu")
    unit = tmp_path / "hipimu.service"
    unit.write_text(text.replace("/opt/hipimu/bin/hipimu", str(here)), encoding="utf-8")

    done = subprocess.run(
        ["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False
    )
    said = [line for line in done.stderr.splitlines() if "hipimu.service" in line]
    assert not [line for line in said if "User" not in line], done.stderr


def test_what_the_service_and_the_container_call_is_there() -> None:
    options = subprocess.run(
        [sys.executable, "-m", "hipimu", "serve", "--help"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in ("hipimu.service", "Containerfile"):
        text = (DEPLOY / name).read_text(encoding="utf-8")
        for option in re.findall(r"serve.*?(--[a-z-]+)", text):
            assert option in options
