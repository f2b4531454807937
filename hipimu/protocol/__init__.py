"""What sensors' bytes mean: protocol files, decoding and encoding. Bytes in, samples out, no I/O.

Files of ``firmware_protocols/`` say how a device is known, what to write to it and how its packets
are laid out; only what needs memory is a named codec.
"""

from hipimu.protocol.concerns import concerns
from hipimu.protocol.conversation import conversation
from hipimu.protocol.decoder import Decoded, Decoder, Timing
from hipimu.protocol.device import Answer, Device, Sent
from hipimu.protocol.encoder import Encoder
from hipimu.protocol.examples import failures
from hipimu.protocol.load import (
    folder,
    known,
    line_of,
    own_file,
    own_folder,
    parse_protocol,
    protocol_named,
    read_protocol,
    recognise,
)
from hipimu.protocol.schema import Protocol
from hipimu.protocol.settings import chosen
from hipimu.protocol.signals import count_scale

__all__ = [
    "Answer",
    "Decoded",
    "Decoder",
    "Device",
    "Encoder",
    "Protocol",
    "Sent",
    "Timing",
    "chosen",
    "concerns",
    "conversation",
    "count_scale",
    "failures",
    "folder",
    "known",
    "line_of",
    "own_file",
    "own_folder",
    "parse_protocol",
    "protocol_named",
    "read_protocol",
    "recognise",
]
