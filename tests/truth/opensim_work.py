"""What OpenSim itself makes of our files, in a process of its own: it writes logs where it stands.

The model has the joints of gait2392 and of Rajagopal et al. 2016 between ground, pelvis and femurs,
and nothing else. Run in the folder of run.sto, run_placement.sto and run.mot; prints JSON.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import opensim

BODIES = ("pelvis", "femur_r", "femur_l")
PELVIS = (("pelvis_tilt", "0 0 1"), ("pelvis_list", "1 0 0"), ("pelvis_rotation", "0 1 0"))
POSE_EVERY = 37
IK_S = 3.0


def hip(letter: str, mirror: str) -> tuple[tuple[str, str], ...]:
    return (
        (f"hip_flexion_{letter}", "0 0 1"),
        (f"hip_adduction_{letter}", f"{mirror}1 0 0"),
        (f"hip_rotation_{letter}", f"0 {mirror}1 0"),
    )


def joint(name: str, parent: str, child: str, turns: tuple[tuple[str, str], ...], at: str) -> str:
    coordinates = "".join(f'<Coordinate name="{name}"/>' for name, _ in turns)
    axes = "".join(
        f'<TransformAxis name="rotation{i}"><coordinates>{coordinate}</coordinates>'
        f'<axis>{axis}</axis><LinearFunction name="function"><coefficients>1 0</coefficients>'
        "</LinearFunction></TransformAxis>"
        for i, (coordinate, axis) in enumerate(turns, start=1)
    )
    return (
        f'<CustomJoint name="{name}"><socket_parent_frame>{name}_at</socket_parent_frame>'
        f"<socket_child_frame>/bodyset/{child}</socket_child_frame>"
        f"<coordinates>{coordinates}</coordinates>"
        f'<frames><PhysicalOffsetFrame name="{name}_at"><socket_parent>{parent}</socket_parent>'
        f"<translation>{at}</translation></PhysicalOffsetFrame></frames>"
        f"<SpatialTransform>{axes}</SpatialTransform></CustomJoint>"
    )


def model() -> str:
    bodies = "".join(
        f'<Body name="{body}"><mass>1</mass><mass_center>0 0 0</mass_center>'
        "<inertia>1 1 1 0 0 0</inertia></Body>"
        for body in BODIES
    )
    joints = joint("ground_pelvis", "/ground", "pelvis", PELVIS, "0 1 0")
    for letter, mirror in (("r", ""), ("l", "-")):
        at = f"0 -0.1 {mirror}0.1"
        joints += joint(
            f"hip_{letter}", "/bodyset/pelvis", f"femur_{letter}", hip(letter, mirror), at
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><OpenSimDocument Version="40500"><Model name="hips">'
        f'<BodySet name="bodyset"><objects>{bodies}</objects></BodySet>'
        f'<JointSet name="jointset"><objects>{joints}</objects></JointSet>'
        "</Model></OpenSimDocument>"
    )


def quaternion(rotation: Any) -> list[float]:
    found = rotation.convertRotationToQuaternion()
    return [found.get(i) for i in range(4)]


def apart_deg(one: list[float], other: list[float]) -> float:
    cosine = min(abs(sum(a * b for a, b in zip(one, other, strict=True))), 1.0)
    return math.degrees(2.0 * math.acos(cosine))


def posed(table: Any, orientations: Any) -> float:
    """Pose the model by the .mot; how far its bodies are from the .sto, at worst, in degrees."""
    hips = opensim.Model("hips.osim")
    state = hips.initSystem()
    coordinates, bodies = hips.getCoordinateSet(), hips.getBodySet()
    names = table.getColumnLabels()
    imus = orientations.getColumnLabels()
    worst = 0.0
    for row in range(0, table.getNumRows(), POSE_EVERY):
        values = table.getRowAtIndex(row)
        for i, name in enumerate(names):
            coordinates.get(name).setValue(state, math.radians(values[i]), False)
        hips.assemble(state)
        hips.realizePosition(state)
        quats = orientations.getRowAtIndex(row)
        for i, imu in enumerate(imus):
            body = bodies.get(imu.removesuffix("_imu"))
            model_quat = quaternion(body.getTransformInGround(state).R())
            said = quats.getElt(0, i)
            worst = max(worst, apart_deg(model_quat, [said.get(k) for k in range(4)]))
    return worst


def solved(table: Any) -> float:
    """Place sensors and solve as OpenSense does; how far that is from the .mot, in degrees."""
    placer = opensim.IMUPlacer()
    placer.set_model_file("hips.osim")
    placer.set_orientation_file_for_calibration("run_placement.sto")
    placer.set_base_imu_label("pelvis_imu")
    placer.set_base_heading_axis("x")
    placer.set_sensor_to_opensim_rotations(opensim.Vec3(0))
    placer.set_output_model_file("placed.osim")
    placer.run(False)
    times = table.getIndependentColumn()
    middle = times[len(times) // 2]
    tool = opensim.IMUInverseKinematicsTool()
    tool.set_model_file("placed.osim")
    tool.set_orientations_file("run.sto")
    tool.set_sensor_to_opensim_rotations(opensim.Vec3(0))
    tool.set_time_range(0, middle)
    tool.set_time_range(1, middle + IK_S)
    tool.set_report_errors(False)
    tool.set_results_directory("solved")
    tool.set_output_motion_file("solved.mot")
    tool.run(False)
    found = opensim.TimeSeriesTable("solved/solved.mot")
    when = np.array(found.getIndependentColumn())
    rows = np.searchsorted(np.array(times), when - 1e-6)
    return max(
        float(
            np.abs(
                found.getDependentColumn(name).to_numpy()
                - table.getDependentColumn(name).to_numpy()[rows]
            ).max()
        )
        for name in table.getColumnLabels()
    )


def main() -> None:
    opensim.Logger.setLevelString("error")
    Path("hips.osim").write_text(model(), encoding="utf-8")
    table = opensim.TimeSeriesTable("run.mot")
    orientations = opensim.TimeSeriesTableQuaternion("run.sto")
    storage = opensim.Storage("run.mot")
    told = {
        "version": opensim.GetVersion(),
        "rate": orientations.getTableMetaDataAsString("DataRate"),
        "imus": list(orientations.getColumnLabels()),
        "coordinates": list(table.getColumnLabels()),
        "degrees": storage.isInDegrees(),
        "rows": [table.getNumRows(), orientations.getNumRows(), storage.getSize()],
        "first_s": [table.getIndependentColumn()[0], orientations.getIndependentColumn()[0]],
        "posed_deg": posed(table, orientations),
        "solved_deg": solved(table),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
