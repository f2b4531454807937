"""Orientations → segments → one heading → hip angles."""

from hipimu.motion.calibration import Calibrate
from hipimu.motion.fusion import FILTER_NAMES, Fuse
from hipimu.motion.heading import MatchHeading
from hipimu.motion.hip_angle import HipAngles
from hipimu.motion.steadying import SteadySegments

__all__ = ["FILTER_NAMES", "Calibrate", "Fuse", "HipAngles", "MatchHeading", "SteadySegments"]
