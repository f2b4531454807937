"""The order of the stages, and the way from a recording to a session."""

from hipimu.pipeline.analyse import analyse, analyse_recording
from hipimu.pipeline.sample_path import SamplePath, sample_path_for
from hipimu.pipeline.session import Parameters

__all__ = ["Parameters", "SamplePath", "analyse", "analyse_recording", "sample_path_for"]
