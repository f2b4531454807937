"""``samples.parquet``: the finished samples of all sensors, small and exact to the last bit."""

from hipimu.sources.samples_parquet.layout import Scales
from hipimu.sources.samples_parquet.read import SamplesFile, open_samples
from hipimu.sources.samples_parquet.write import SamplesWriter

__all__ = ["SamplesFile", "SamplesWriter", "Scales", "open_samples"]
