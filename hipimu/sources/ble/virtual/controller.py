"""A Bluetooth controller without a radio: bumble's, with what version 0.0.236 lacks."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from bumble import hci, ll
from bumble.controller import Connection, Controller
from bumble.device import Device, DeviceConfiguration

if TYPE_CHECKING:
    from bumble.transport.common import TransportSink, TransportSource

    from hipimu.sources.ble.virtual.radio import Air

# bumble says one thing through logging's root, which from then on prints every warning of every
# library. Links that break are no news here: whoever wants bumble's log adds a handler to it.
logging.getLogger("bumble").addHandler(logging.NullHandler())
logging.getLogger("bumble").propagate = False

_ACTIVE_SCAN = 1
_Report = hci.HCI_LE_Advertising_Report_Event


class VirtualController(Controller):
    """One end of the simulated radio, below the host.

    Parameters
    ----------
    name : str
        For logs.
    air : Air
        What it sends into and hears from.
    source, sink : optional
        A host outside this process, such as BlueZ behind a socket.
    """

    air: Air

    # One packet for each notification, as with data length extension: else each is cut into
    # pieces of 27 bytes, which costs time and changes nothing.
    le_acl_data_packet_length = 251
    # Legacy advertising is what sensors do. BlueZ 5.66 takes paths for the other two features
    # that bumble's controller does not implement.
    le_features = Controller.le_features & ~(
        hci.LeFeatureMask.LL_PRIVACY
        | hci.LeFeatureMask.LE_EXTENDED_ADVERTISING
        | hci.LeFeatureMask.LE_PERIODIC_ADVERTISING
    )

    def __init__(
        self,
        name: str,
        air: Air,
        source: TransportSource | None = None,
        sink: TransportSink | None = None,
    ) -> None:
        super().__init__(name, host_source=source, host_sink=sink, link=air)
        self.air = air

    def on_hci_le_create_connection_cancel_command(
        self, command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Give up connecting, and say so.

        bumble answers success and goes on trying. A controller ends the attempt with a connection
        event of status 0x02 (Core Specification, volume 4, part E, section 7.8.13).
        """
        if self.pending_le_connection is not None:
            self.pending_le_connection = None
            asyncio.get_running_loop().call_soon(self.send_hci_packet, _cancelled())
        return super().on_hci_le_create_connection_cancel_command(command)

    def on_advertising_pdu(self, pdu: ll.AdvInd | ll.AdvExtInd) -> None:
        """Report an advertisement, and its scan response apart from it.

        bumble gives the advertisement's data for both.
        """
        if self.le_scan_enable:
            self._report(pdu.advertiser_address, _Report.EventType.ADV_IND, pdu.data)
            if self.le_scan_type == _ACTIVE_SCAN:
                answer = self.air.scan_response(pdu.advertiser_address)
                self._report(pdu.advertiser_address, _Report.EventType.SCAN_RSP, answer)
        pending = self.pending_le_connection
        if pending is not None and pending.peer_address == pdu.advertiser_address:
            self.create_le_connection(pdu.advertiser_address)

    def on_le_disconnected(self, connection: Connection, reason: int) -> None:
        """Forget a connection, unless the other end's goodbye crossed ours."""
        if self.le_connections.get(connection.peer_address) is connection:
            super().on_le_disconnected(connection, reason)

    def send_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """Pass a packet to the host.

        bumble writes each out for its log first, wanted or not.
        """
        if self.hci_sink is not None:
            asyncio.get_running_loop().call_soon(self.hci_sink.on_packet, bytes(packet))

    def _report(self, address: hci.Address, kind: _Report.EventType, data: bytes) -> None:
        report = _Report.Report(
            event_type=kind,
            address_type=address.address_type,
            address=address,
            data=data,
            rssi=self.air.rssi_dbm(address),
        )
        self.send_hci_packet(_Report([report]))


def configuration(name: str, address: str, advertising_s: float = 0.1) -> DeviceConfiguration:
    """Configure a host that advertises once every `advertising_s` seconds."""
    # bumble's controller takes the units of 0.625 ms that it is given for milliseconds.
    interval = 1000.0 * advertising_s * 0.625
    return DeviceConfiguration(
        name=name,
        address=hci.Address(address, hci.Address.RANDOM_DEVICE_ADDRESS),
        advertising_interval_min=interval,
        advertising_interval_max=interval,
    )


def new_device(air: Air, name: str, address: str, advertising_s: float) -> Device:
    """Make a host and its controller on the air; not yet powered on."""
    controller = VirtualController(name, air)
    return Device.from_config_with_hci(
        configuration(name, address, advertising_s), controller, controller
    )


def _cancelled() -> hci.HCI_LE_Connection_Complete_Event:
    return hci.HCI_LE_Connection_Complete_Event(
        status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
        connection_handle=0,
        role=0,
        peer_address_type=0,
        peer_address=hci.Address.ANY,
        connection_interval=0,
        peripheral_latency=0,
        supervision_timeout=0,
        central_clock_accuracy=0,
    )
