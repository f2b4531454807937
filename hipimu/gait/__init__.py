"""Strides, pace and bouts, and the average cycle."""

from hipimu.gait.cycles import mean_cycles
from hipimu.gait.marks import laps_of_marks
from hipimu.gait.pace import label_strides
from hipimu.gait.rhythm import pelvis_rhythm
from hipimu.gait.strides import FINDERS, USUAL_FINDER, FindStrides

__all__ = [
    "FINDERS",
    "USUAL_FINDER",
    "FindStrides",
    "label_strides",
    "laps_of_marks",
    "mean_cycles",
    "pelvis_rhythm",
]
