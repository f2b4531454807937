"""Recordings that people send to the coach's server: received, unpacked, read, kept."""

from hipimu.pipeline.intake.intake import Intake
from hipimu.pipeline.intake.limits import MB, UploadLimits
from hipimu.pipeline.intake.order import Sent
from hipimu.pipeline.intake.upload import Upload
from hipimu.pipeline.intake.view import IntakeView

__all__ = ["MB", "Intake", "IntakeView", "Sent", "Upload", "UploadLimits"]
