"""What will spoil a run is said before it."""

from __future__ import annotations

import pytest

from hipimu.protocol import concerns, known


@pytest.mark.parametrize(
    ("name", "settings", "said"),
    [
        ("movella-dot", {}, "samples at 60 Hz"),
        ("hipimu-open", {"acc_range_g": 8}, "±8 g"),
        ("hipimu-open", {"gyr_range_deg_s": 500}, "±500 °/s"),
        ("hipimu-open", {"rate_hz": 52}, "52 Hz"),
        ("nordic-thingy52", {}, "1024"),
        ("witmotion-wt901ble", {}, "no clock"),
    ],
)
def test_shortcomings_are_told(name: str, settings: dict[str, float], said: str) -> None:
    told = concerns(known()[name], settings)
    assert any(said in sentence for sentence in told), told
    assert all(sentence.endswith(".") for sentence in told)


def test_a_good_sensor_has_none() -> None:
    assert concerns(known()["hipimu-open"]) == ()
