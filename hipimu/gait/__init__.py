"""Strides, pace and bouts, and the average cycle."""

from hipimu.gait.cycles import mean_cycles
from hipimu.gait.marks import laps_of_marks
from hipimu.gait.pace import label_strides
from hipimu.gait.rhythm import pelvis_rhythm
from hipimu.gait.strides import FindStrides

__all__ = ["FindStrides", "label_strides", "laps_of_marks", "mean_cycles", "pelvis_rhythm"]
