"""What watches record: FIT, TCX and GPX files → one `Activity`."""

from hipimu.sources.activity.read import read_activity

__all__ = ["read_activity"]
