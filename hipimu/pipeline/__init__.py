"""The order of the stages, and the way from a recording to a session."""

from hipimu.pipeline.analyse import analyse, analyse_recording
from hipimu.pipeline.live import LivePath
from hipimu.pipeline.radio import RadioPath, Wanted
from hipimu.pipeline.recover import Recovered, recover
from hipimu.pipeline.sample_path import SamplePath, sample_path_for
from hipimu.pipeline.session import Parameters

__all__ = [
    "LivePath",
    "Parameters",
    "RadioPath",
    "Recovered",
    "SamplePath",
    "Wanted",
    "analyse",
    "analyse_recording",
    "recover",
    "sample_path_for",
]
