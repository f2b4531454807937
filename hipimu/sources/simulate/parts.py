"""What the data sheets of inertial sensors promise, as keys of a plan's ``[noise]`` table.

A data sheet's “typical ±” is taken as one standard deviation between parts. None of them states a
bias walk: it is set so that after half an hour it has the size that the data sheet gives the
offset's change over 10 K, the warming of a sensor on skin. What a sheet does not state is 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

PartName = Literal["LSM6DSO", "BMI270", "ICM-20948", "none"]
_WARMING_K = 10.0
_WARMING_S = 1800.0


def _walk(drift_deg_s_k: float) -> float:
    """Random walk in °/s/√s from an offset's drift with temperature in °/s/K."""
    return float(drift_deg_s_k * _WARMING_K / _WARMING_S**0.5)


PARTS: Mapping[PartName, Mapping[str, float]] = {
    # STMicroelectronics DS12140 (LSM6DSO), table 2 “Mechanical characteristics”
    "LSM6DSO": {
        "gyr_deg_s_sqrt_hz": 0.0038,
        "gyr_bias_deg_s": 1.0,
        "gyr_bias_walk_deg_s_sqrt_s": _walk(0.01),
        "gyr_scale": 0.01,
        "gyr_cross_axis": 0.0,
        "acc_ug_sqrt_hz": 70.0,
        "acc_bias_mg": 20.0,
        "acc_scale": 0.01,
        "acc_cross_axis": 0.0,
    },
    # Bosch Sensortec BST-BMI270-DS000 (BMI270), section 1 “Specification”
    "BMI270": {
        "gyr_deg_s_sqrt_hz": 0.007,
        "gyr_bias_deg_s": 0.5,
        "gyr_bias_walk_deg_s_sqrt_s": _walk(0.02),
        "gyr_scale": 0.004,
        "gyr_cross_axis": 0.002,
        "acc_ug_sqrt_hz": 160.0,
        "acc_bias_mg": 20.0,
        "acc_scale": 0.004,
        "acc_cross_axis": 0.002,
    },
    # TDK InvenSense DS-000189 (ICM-20948), tables 1 and 2; accelerometer offset on the board
    "ICM-20948": {
        "gyr_deg_s_sqrt_hz": 0.015,
        "gyr_bias_deg_s": 5.0,
        "gyr_bias_walk_deg_s_sqrt_s": _walk(0.05),
        "gyr_scale": 0.015,
        "gyr_cross_axis": 0.02,
        "acc_ug_sqrt_hz": 230.0,
        "acc_bias_mg": 50.0,
        "acc_scale": 0.005,
        "acc_cross_axis": 0.02,
    },
    "none": dict.fromkeys(
        (
            "gyr_deg_s_sqrt_hz",
            "gyr_bias_deg_s",
            "gyr_bias_walk_deg_s_sqrt_s",
            "gyr_scale",
            "gyr_cross_axis",
            "acc_ug_sqrt_hz",
            "acc_bias_mg",
            "acc_scale",
            "acc_cross_axis",
        ),
        0.0,
    ),
}
"""Figures by part and key."""
