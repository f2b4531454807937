"""Plan files: every mistake is answered with the file and the key."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hipimu.errors import PlanError
from hipimu.sources.simulate import demo_plan, read_plan

BOUT = '[[bouts]]\npace = "easy"\nduration_s = 20.0\nspeed_m_s = 3.0\n'


def refused(path: Path, text: str | bytes) -> PlanError:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(PlanError) as caught:
        read_plan(path)
    assert path.name in caught.value.what
    assert caught.value.remedy.endswith(".")
    return caught.value


def test_one_bout_is_a_plan(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(BOUT, encoding="utf-8")
    plan = read_plan(path)

    assert [b.pace for b in plan.all_bouts()] == ["stand", "walk", "easy"]
    assert plan.sensors == ("pelvis", "thigh_left", "thigh_right")


def test_everything_can_be_said_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(
        'format = "hipimu-plan/1"\nseed = 4\nrate_hz = 50.0\nrepeat = 2\nmounting = "aligned"\n'
        'sensors = ["pelvis", "thigh_right"]\nwarm_up = []\n'
        "[loss]\nfast_flexion_deg = 5\n[noise]\nimpact_g = 0\n[variability]\nbout_deg = 0\n" + BOUT,
        encoding="utf-8",
    )
    plan = read_plan(path)

    assert [b.pace for b in plan.all_bouts()] == ["easy", "easy"]
    assert (plan.seed, plan.rate_hz, plan.mounting) == (4, 50.0, "aligned")
    assert (plan.loss.fast_flexion_deg, plan.noise.impact_g, plan.variability.bout_deg) == (5, 0, 0)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "bouts"),
        ("bouts = []", "bouts"),
        ("sede = 3\n" + BOUT, "sede"),
        ("seed = -1\n" + BOUT, "seed"),
        ("rate_hz = 10.0\n" + BOUT, "rate_hz"),
        ("rate_hz = nan\n" + BOUT, "rate_hz"),
        ('format = "hipimu-plan/2"\n' + BOUT, "format"),
        ('mounting = "upside down"\n' + BOUT, "mounting"),
        ("repeat = 0\n" + BOUT, "repeat"),
        ('sensors = ["pelvis", "shank"]\n' + BOUT, "sensors.1"),
        ("[loss]\nfast_flexion_deg = inf\n" + BOUT, "loss.fast_flexion_deg"),
        ("[variability]\nmemory = 1.0\n" + BOUT, "variability.memory"),
        ("[noise]\ngyr_bias_deg_s = -0.1\n" + BOUT, "noise.gyr_bias_deg_s"),
        (BOUT.replace("easy", "sprint"), "bouts.0.pace"),
        (BOUT.replace("20.0", "3.0"), "bouts.0.duration_s"),
        (BOUT + BOUT.replace("3.0", "13.0"), "bouts.1.speed_m_s"),
        (BOUT.replace("3.0", "1.9"), "speed_m_s"),
    ],
)
def test_a_value_out_of_bounds_is_named(tmp_path: Path, text: str, key: str) -> None:
    assert key in refused(tmp_path / "plan.toml", text).what.removeprefix(str(tmp_path))


@pytest.mark.parametrize("sensors", ['["pelvis"]', '["thigh_left", "thigh_right"]', "[]"])
def test_a_hip_needs_a_pelvis_and_a_thigh(tmp_path: Path, sensors: str) -> None:
    error = refused(tmp_path / "plan.toml", f"sensors = {sensors}\n{BOUT}")

    assert "the pelvis and at least one thigh" in error.what


def test_a_sensor_named_twice(tmp_path: Path) -> None:
    text = 'sensors = ["pelvis", "pelvis", "thigh_left"]\n' + BOUT

    assert "names one twice" in refused(tmp_path / "plan.toml", text).what


@pytest.mark.parametrize("text", ["seed = \n", b"\xff\xfe\x00"])
def test_what_is_no_toml(tmp_path: Path, text: str | bytes) -> None:
    assert "not valid TOML" in refused(tmp_path / "plan.toml", text).what


def test_a_plan_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"nowhere\.toml cannot be read.*Check the name"):
        read_plan(tmp_path / "nowhere.toml")


def test_the_demo_is_an_interval_session_of_about_20_minutes() -> None:
    bouts = demo_plan().all_bouts()

    assert 18 * 60 < sum(b.duration_s for b in bouts) < 22 * 60
    assert min(sum(b.pace == pace for b in bouts) for pace in ("easy", "fast")) >= 3
    assert np.isclose(demo_plan().loss.fast_flexion_deg - demo_plan().loss.easy_flexion_deg, 4.0)


SLIP = '[[slip]]\nsensor = "pelvis"\nat_s = 1\nangle_deg = 5\n'
ONE_THIGH = 'sensors = ["pelvis", "thigh_left"]\n'


@pytest.mark.parametrize(
    ("keys", "tables", "said"),
    [
        ("", '[noise]\npart = "MPU-6050"\n', "noise.part"),
        ("", "[noise]\npart = [1]\n", "noise.part"),
        ("", "[range]\nacc_g = 0\n", "range.acc_g"),
        ("", "[radio]\nloss = 0.6\n", "radio.loss"),
        ("", "[clock]\ndrift_ppm = -1\n", "clock.drift_ppm"),
        ("", SLIP.replace("pelvis", "shank"), "slip.0.sensor"),
        ("", SLIP.replace("1", "90"), "the session ends at 58"),
        (ONE_THIGH, SLIP.replace("pelvis", "thigh_right"), "slip names thigh_right"),
        ("", "[course]\nstraight_m = 80\n", "straight_m needs curve_radius_m"),
        ('swapped = ["pelvis"]\n', "", "swapped must name two sensors"),
        ('swapped = ["pelvis", "pelvis"]\n', "", "swapped must name two sensors"),
        (
            ONE_THIGH + 'swapped = ["thigh_left", "thigh_right"]\n',
            "",
            "swapped names a sensor that sensors does not",
        ),
    ],
)
def test_faults_out_of_bounds_are_named(tmp_path: Path, keys: str, tables: str, said: str) -> None:
    assert said in refused(tmp_path / "plan.toml", keys + BOUT + tables).what


@pytest.mark.parametrize(
    ("bout", "said"),
    [
        ('pace = "hop"\nduration_s = 5\nspeed_m_s = 1.0\n', "leave out speed_m_s"),
        ('pace = "knee_lifts"\nduration_s = 5\nspeed_m_s = 1.0\n', "knee_lifts is on the spot"),
        (
            'pace = "fast"\nduration_s = 9\nspeed_m_s = 3.0\nend_speed_m_s = 1.0\n',
            "end_speed_m_s of at least 2.0",
        ),
    ],
)
def test_speeds_fit_the_pace(tmp_path: Path, bout: str, said: str) -> None:
    assert said in refused(tmp_path / "plan.toml", "[[bouts]]\n" + bout).what


def test_an_unknown_key_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    assert "Keys accepted here: loss, burst_s." in (
        refused(tmp_path / "plan.toml", BOUT + "[radio]\nlos = 0.1\n").remedy
    )
    assert "offset_s, drift_ppm, jitter_ms" in (
        refused(tmp_path / "plan.toml", BOUT + "[clock]\nppm = 3\n").remedy
    )
    assert "course" in refused(tmp_path / "plan.toml", "curse = 1\n" + BOUT).remedy


def test_a_part_gives_what_the_plan_does_not(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(BOUT + '[noise]\npart = "BMI270"\nacc_ug_sqrt_hz = 5.0\n', encoding="utf-8")
    noise = read_plan(path).noise

    assert (noise.gyr_deg_s_sqrt_hz, noise.acc_bias_mg) == (0.007, 20.0)
    assert (noise.acc_ug_sqrt_hz, noise.impact_g) == (5.0, 2.0)
