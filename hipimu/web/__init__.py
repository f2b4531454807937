"""The live page: what browsers near a run are shown, and who may look."""

from hipimu.web.certificate import Certificate
from hipimu.web.qr import qr_text
from hipimu.web.server import PORT, LiveServer
from hipimu.web.viewers import Limits

__all__ = ["PORT", "Certificate", "Limits", "LiveServer", "qr_text"]
