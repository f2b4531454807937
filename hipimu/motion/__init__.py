"""Orientations → segments → one heading → hip angles."""

from hipimu.motion.calibration import Calibrate
from hipimu.motion.calibration_session import CalibrateSession
from hipimu.motion.filters import FILTER_NAMES, FILTERS, FOR_COMPARISON, OrientationFilter
from hipimu.motion.fusion import Fuse
from hipimu.motion.fusion_session import FuseSession
from hipimu.motion.heading import MatchHeading, MatchHeadingSession
from hipimu.motion.hip_angle import HipAngles
from hipimu.motion.steadying import SteadySegments

__all__ = [
    "FILTERS",
    "FILTER_NAMES",
    "FOR_COMPARISON",
    "Calibrate",
    "CalibrateSession",
    "Fuse",
    "FuseSession",
    "HipAngles",
    "MatchHeading",
    "MatchHeadingSession",
    "OrientationFilter",
    "SteadySegments",
]
