"""Orientations → segments → one heading → hip angles."""

from hipimu.motion.calibration import Calibrate
from hipimu.motion.filters import FILTER_NAMES, FOR_COMPARISON
from hipimu.motion.fusion import Fuse
from hipimu.motion.heading import MatchHeading
from hipimu.motion.hip_angle import HipAngles
from hipimu.motion.steadying import SteadySegments

__all__ = [
    "FILTER_NAMES",
    "FOR_COMPARISON",
    "Calibrate",
    "Fuse",
    "HipAngles",
    "MatchHeading",
    "SteadySegments",
]
