"""The recording machine's own sound: for a locked phone, and for hands that are full."""

from hipimu.sound.clips import CLIPS, ClipName, clip
from hipimu.sound.cues import SpeakCues
from hipimu.sound.player import Player

__all__ = ["CLIPS", "ClipName", "Player", "SpeakCues", "clip"]
