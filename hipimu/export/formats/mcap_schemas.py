"""What the messages of an MCAP file hold, as JSON Schema.

`foxglove.FrameTransforms` is Foxglove's own, by whose name its 3D panel knows it
(https://docs.foxglove.dev/docs/sdk/schemas/frame-transforms); the others are hipimu's. All angles
are in degrees, for that is what people plot.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hipimu.export.tables import BOUT_COLUMNS, STRIDE_COLUMNS

Schema = dict[str, Any]

_TEXT: Final = {"side", "pace", "pace_source", "reasons"}
_TIME: Final[Schema] = {
    "type": "object",
    "title": "time",
    "properties": {
        "sec": {"type": "integer", "minimum": 0},
        "nsec": {"type": "integer", "minimum": 0, "maximum": 999_999_999},
    },
    "required": ["sec", "nsec"],
}


def _number(description: str) -> Schema:
    return {"type": "number", "description": description}


def _vector(description: str, axes: str = "xyz") -> Schema:
    return {
        "type": "object",
        "description": description,
        "properties": {axis: {"type": "number"} for axis in axes},
        "required": list(axes),
    }


def _message(properties: Mapping[str, Schema], *, optional: frozenset[str] = frozenset()) -> Schema:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {"timestamp": _TIME, **properties},
        "required": ["timestamp", *(name for name in properties if name not in optional)],
        "additionalProperties": False,
    }


def _table(columns: tuple[str, ...]) -> Schema:
    """Say a row of a table of `hipimu analyse`: the same names and units."""
    rows: dict[str, Schema] = {
        name: {"type": "string"} if name in _TEXT else {"type": "number"} for name in columns
    }
    return _message(rows, optional=frozenset(columns))


IMU: Final = "hipimu.Imu"
HIP: Final = "hipimu.HipAngles"
STRIDE: Final = "hipimu.Stride"
BOUT: Final = "hipimu.Bout"
TRANSFORMS: Final = "foxglove.FrameTransforms"

_TRANSFORM: Final = {
    "type": "object",
    "properties": {
        "timestamp": _TIME,
        "parent_frame_id": {"type": "string"},
        "child_frame_id": {"type": "string"},
        "translation": _vector("m"),
        "rotation": _vector("unit quaternion", "xyzw"),
    },
}

SCHEMAS: Final[Mapping[str, Schema]] = {
    IMU: _message(
        {
            "angular_velocity": _vector("rad/s, in the sensor's axes"),
            "linear_acceleration": _vector(
                "m/s², in the sensor's axes: specific force, +g up at rest"
            ),
            "magnetic_field": _vector("µT, in the sensor's axes"),
            "clipped": {"type": "boolean", "description": "at the end of the sensor's range"},
        },
        optional=frozenset({"magnetic_field"}),
    ),
    HIP: _message(
        {
            "flexion_deg": _number("hip flexion, thigh forward positive"),
            "adduction_deg": _number("hip adduction, thigh inwards positive"),
            "rotation_deg": _number("hip internal rotation positive"),
            "thigh_deg": _number("thigh from the vertical, knee forward positive"),
            "pelvis_tilt_deg": _number("anterior positive"),
            "pelvis_obliquity_deg": _number("right side up positive"),
            "pelvis_rotation_deg": _number("turning left positive; only changes mean something"),
        }
    ),
    STRIDE: _table(STRIDE_COLUMNS),
    BOUT: _table(BOUT_COLUMNS),
    TRANSFORMS: {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": TRANSFORMS,
        "type": "object",
        "properties": {"transforms": {"type": "array", "items": _TRANSFORM}},
    },
}
