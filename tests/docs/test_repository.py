"""The project's top level, its links and its CI entry are what they are agreed to be."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOP_LEVEL = {
    "LICENSE",
    "Makefile",
    "README.md",
    "deploy",
    "docs",
    "firmware_protocols",
    "hipimu",
    "pyproject.toml",
    "recordings",
    "tests",
}
TEXTS = [
    ROOT / "README.md",
    ROOT / "Makefile",
    *sorted((ROOT / "firmware_protocols").rglob("*.md")),
    *(path for path in sorted((ROOT / "docs").rglob("*")) if path.suffix in {".md", ".yml", ".py"}),
]
OUTSIDE_THE_SITE = [ROOT / "README.md", ROOT / "firmware_protocols" / "README.md"]


def git(*arguments: str) -> list[str]:
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("no git, or not a checkout: tracked files are not known")
    command = ["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_top_level() -> None:
    names = {name.split("/")[0] for name in git("ls-files")}
    assert {name for name in names if not name.startswith(".")} == TOP_LEVEL


def test_ci_runs_what_people_run() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text(encoding="utf-8").splitlines()[-1] == "exec make test"
    (entry,) = git("ls-files", "--stage", ".ci")
    assert entry.startswith("100755 ")
    assert entry.endswith("\t.ci/run")


def test_a_strict_build_hears_its_warnings() -> None:
    """Asked to be quiet, mkdocs drops warnings before it counts them: nothing would be strict."""
    builds = re.findall(r"^\t@.*mkdocs build.*", (ROOT / "Makefile").read_text(), re.M)
    assert len(builds) == 2
    assert all("--strict" in line and "-q" not in line.split("mkdocs")[1] for line in builds)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_path_of_one_machine(path: Path) -> None:
    pattern = re.compile(r"(?<![\w.~)])/(?:home|root|Users|work|opt|mnt|srv|tmp|var)/|[A-Z]:\\")
    found = pattern.search(path.read_text(encoding="utf-8"))
    assert found is None, f"{path.name} names {found}"


def links() -> list[tuple[Path, str]]:
    pattern = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
    return [
        (path, target)
        for path in OUTSIDE_THE_SITE
        for target in pattern.findall(path.read_text(encoding="utf-8"))
        if "://" not in target
    ]


@pytest.mark.parametrize(("path", "target"), links())
def test_links_outside_the_site_lead_somewhere(path: Path, target: str) -> None:
    assert (path.parent / target).exists(), f"{path.name} links to {target}"


def test_help_names_both_commands() -> None:
    done = subprocess.run(["make", "-C", ROOT], capture_output=True, text=True, check=True)
    assert "make demo" in done.stdout
    assert "make test" in done.stdout
