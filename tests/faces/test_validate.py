"""`hipimu validate --quick` through its real door: tables, JSON, page, and what they promise."""

from __future__ import annotations

import csv
import json
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.faces.test_cli import DONE, ERROR, USAGE, Run, hipimu, names

PEAKS = ("peak_flexion", "peak_extension")


@dataclass(frozen=True)
class Quick:
    run: Run
    out: Path
    document: dict[str, Any]

    def rows(self, table: str, **wanted: object) -> list[dict[str, Any]]:
        rows = [row for row in self.document["simulated"] if row["table"] == table]
        return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Quick:
    out = tmp_path_factory.mktemp("validate") / "out"
    arguments = ("--quick", "--seeds", 1, "--out", out, "--json")
    run = hipimu("validate", *arguments, HIPIMU_BROAD="")
    assert run.code == DONE, run.err
    return Quick(run, out, json.loads(run.out))


def test_the_tables_fit_a_terminal_and_say_simulated_or_real(quick: Quick) -> None:
    lines = quick.run.err.splitlines()
    assert max(map(len, lines)) <= 100
    titles = [line for line in lines if line.startswith(("Simulated", "Real"))]
    said = ("by speed", "clocks apart", "by filter", "one fault at a time", "isen-run")
    assert len(titles) == len(said)
    assert all(word in title for word, title in zip(said, titles, strict=True))


def test_files(quick: Quick) -> None:
    assert names(quick.out) == {"accuracy.json", "accuracy.csv", "accuracy.md", "img"}
    assert json.loads((quick.out / "accuracy.json").read_text("utf-8")) == quick.document
    page = (quick.out / "accuracy.md").read_text("utf-8")
    for figure in (quick.out / "img").iterdir():
        assert ET.parse(figure).getroot().tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314
        assert f"img/{figure.name}" in page
        text = figure.read_text("utf-8")
        assert "simulated" in text or "real" in text
        assert "var(--" not in text
    assert len(names(quick.out / "img")) == 7


def test_the_table_of_all_numbers(quick: Quick) -> None:
    with (quick.out / "accuracy.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["kind"] for row in rows} == {"simulated", "real"}
    simulated = [row for row in rows if row["kind"] == "simulated"]
    assert len(simulated) == 2 * len(quick.document["simulated"])
    first = quick.document["simulated"][0]["peak_flexion"]
    assert float(simulated[0]["rmse_deg"]) == pytest.approx(first["rmse_deg"])


def test_peaks_of_simulated_runs_keep_the_promise(quick: Quick) -> None:
    """At 3–4 m/s 1°, sprinting 2°: the aims of the project for realistic faults."""
    rows = quick.rows("speed", suite="realistic") + quick.rows("speed", suite="clean")
    assert len(rows) == 4
    for row in rows:
        for peak in PEAKS:
            errors = row[peak]
            assert errors["rmse_deg"] <= (1.0 if row["speed_m_s"] <= 4 else 2.0)
            assert errors["rmse_offset_removed_deg"] <= errors["rmse_deg"]
            low, high = errors["limits_deg"]
            assert low <= errors["bias_deg"] <= high


def test_strides_are_found_and_none_lost_in_silence(quick: Quick) -> None:
    for row in quick.rows("speed"):
        strides = row["strides"]
        assert strides["true"] > 40
        assert strides["recall"] >= 0.97
        assert strides["precision"] >= 0.97
        assert strides["kept"] + strides["set_aside"] == pytest.approx(strides["recall"], abs=1e-3)
        assert bool(strides["why"]) == (strides["set_aside"] > 0)
        assert row["method"] in ("causal", "refined")


def test_vqf_beats_the_filter_for_comparison(quick: Quick) -> None:
    (ours,), (other,) = quick.rows("filter", filter="vqf"), quick.rows("filter", filter="madgwick")
    for peak in PEAKS:
        assert ours[peak]["rmse_deg"] < other[peak]["rmse_deg"]


def test_the_real_run_stands_beside_the_vendors_angles(quick: Quick) -> None:
    (isen,) = quick.document["references"]
    assert (isen["name"], isen["kind"], isen["source"]) == ("isen-run", "real", "vendor")
    assert len(isen["parts"]) == 4
    assert min(part["r"] for part in isen["parts"]) > 0.9


def test_what_is_not_on_hand_is_named(quick: Quick) -> None:
    assert [missing["name"] for missing in quick.document["missing"]] == ["BROAD"]
    assert "HIPIMU_BROAD" in quick.run.err
    assert "BROAD" in (quick.out / "accuracy.md").read_text("utf-8")


def test_refusals(tmp_path: Path) -> None:
    assert hipimu("validate", "--seeds", 0).code == USAGE
    blocked = tmp_path / "file"
    blocked.touch()
    run = hipimu("validate", "--quick", "--out", blocked)
    assert (run.code, run.out) == (ERROR, "")
    assert "is a file" in run.err
