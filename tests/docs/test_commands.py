"""The command reference describes every command; no page shows a command that is not there."""

from __future__ import annotations

import importlib.util
import re
import shlex
from html import unescape
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer.main

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
AGREED_COMMANDS = {
    "account",
    "analyse",
    "athlete",
    "batch",
    "compare",
    "convert",
    "demo",
    "doctor",
    "import",
    "live",
    "note",
    "plan",
    "protocols",
    "query",
    "record",
    "recover",
    "sensors",
    "serve",
    "session",
    "simulate",
    "store",
    "study",
    "trend",
    "validate",
}


def load_reference() -> ModuleType:
    path = DOCS / "site" / "cli_reference.py"
    spec = importlib.util.spec_from_file_location("cli_reference", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def group() -> Any:
    from hipimu.cli import app

    return typer.main.get_command(app)


@pytest.fixture(scope="module")
def commands(group: Any) -> dict[str, Any]:
    """All commands by what is typed; those in a group with the group before them."""
    inner = {
        f"{name} {part}": command
        for name, outer in group.commands.items()
        for part, command in getattr(outer, "commands", {}).items()
    }
    return dict(group.commands) | inner


@pytest.fixture(scope="module")
def page() -> str:
    reference = load_reference()
    source = (DOCS / "reference" / "cli.md").read_text(encoding="utf-8")
    assert source.count(reference.MARKER) == 1
    filled: str = reference.fill(source)
    return filled


def section(page: str, name: str) -> str:
    match = re.search(rf"^## {re.escape(name)}$(.*?)(?=^## |\Z)", page, re.M | re.S)
    assert match, f"the command reference has no section for `{name}`"
    return match.group(1)


def spellings(command: Any) -> list[str]:
    return [name for parameter in command.params for name in parameter.opts]


def test_the_agreed_commands_exist(commands: dict[str, Any]) -> None:
    assert commands.keys() >= AGREED_COMMANDS


def test_every_command_says_what_it_does(commands: dict[str, Any], page: str) -> None:
    for name, command in commands.items():
        assert command.help, f"`hipimu {name}` has no help text"
        assert command.help.splitlines()[0] in section(page, f"hipimu {name}")


def test_every_argument_and_option_is_described(
    group: Any, commands: dict[str, Any], page: str
) -> None:
    assert_described(group.params, section(page, "hipimu") if group.params else "")
    for name, command in commands.items():
        assert_described(command.params, section(page, f"hipimu {name}"))


def assert_described(parameters: list[Any], text: str) -> None:
    rows = [line for line in text.splitlines() if line.startswith("| <code>")]
    assert len(rows) == len(parameters)
    for parameter, row in zip(parameters, rows, strict=True):
        assert parameter.help, f"{parameter.opts[0]} has no help text"
        assert " ".join(parameter.help.split()) in unescape(re.sub(r"\\([][*|])", r"\1", row))
        if parameter.param_type_name == "option":
            assert parameter.opts[0] in unescape(row)


def used_commands() -> list[tuple[Path, str]]:
    """Return every command line that a page shows, in blocks and between backticks."""
    pattern = re.compile(r"(?:^|`)(?:\.venv/bin/)?(hipimu [a-z][^`\n]*)", re.M)
    return [
        (path, line)
        for path in PAGES
        for line in pattern.findall("\n".join(code_of(path.read_text(encoding="utf-8"))))
    ]


def code_of(markdown: str) -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", markdown, re.M | re.S)
    prose = re.sub(r"^```.*?^```", "", markdown, flags=re.M | re.S)
    return blocks + [f"`{code}`" for code in re.findall(r"`([^`\n]+)`", prose)]


def test_the_pages_show_commands() -> None:
    assert len(used_commands()) >= 3


@pytest.mark.parametrize(("path", "line"), used_commands())
def test_commands_shown_exist(path: Path, line: str, commands: dict[str, Any]) -> None:
    words = shlex.split(line)[1:]
    assert words[0] in commands, f"{path.name}: `{line}`"
    name = " ".join(words[:2]) if " ".join(words[:2]) in commands else words[0]
    known = {"--help", *spellings(commands[name])}
    assert {word for word in words if word.startswith("--")} <= known, f"{path.name}: `{line}`"
