"""The air between virtual sensors and whoever listens: range, timing and lost links."""

from __future__ import annotations

import asyncio
import random
from functools import partial

from bumble import hci, ll
from bumble.controller import Controller
from bumble.core import PhysicalTransport
from bumble.link import LocalLink

from hipimu.sources.ble.virtual.link import Link, LinkQuality

_UNHEARD_DBM = -127


class Air(LocalLink):
    """What all controllers send into and hear from.

    Each sensor has its own `Link` to whoever is connected to it; everything else, such as a
    central, is wherever the sensors are.

    Parameters
    ----------
    quality : LinkQuality
        Of every link, until it is changed.
    seed : int
        Of the missed events.
    """

    def __init__(self, quality: LinkQuality, seed: int = 0) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.quality = quality
        self._chance = random.Random(seed)  # noqa: S311 - repeatable interference, no secrets
        self._links: dict[hci.Address, Link] = {}
        self._rssi_dbm: dict[hci.Address, int] = {}
        self._supervisors: dict[hci.Address, asyncio.TimerHandle] = {}

    def add_sensor(self, address: str, rssi_dbm: int) -> Link:
        """Give the sensor at this address a link."""
        key = hci.Address(address)
        self._rssi_dbm[key] = rssi_dbm
        self._links[key] = link = Link(self.quality, random.Random(self._chance.random()))  # noqa: S311
        return link

    def link(self, address: str) -> Link:
        """Give the link of the sensor at this address."""
        return self._links[hci.Address(address)]

    def set_in_range(self, address: str, in_range: bool) -> None:
        """Carry a sensor out of range, or back.

        Back before the supervision time-out, everything follows; later, the link is lost.
        """
        key = hci.Address(address)
        if (supervisor := self._supervisors.pop(key, None)) is not None:
            supervisor.cancel()
        link = self._links[key]
        link.in_range = in_range
        if not in_range:
            self._supervisors[key] = asyncio.get_running_loop().call_later(
                link.quality.supervision_s, self._lose_link, key
            )

    def scan_response(self, address: hci.Address) -> bytes:
        """Give what the advertiser at this address answers to an active scan."""
        advertiser = self.find_le_controller(address)
        return b"" if advertiser is None else advertiser.le_legacy_advertiser.scan_response_data

    def rssi_dbm(self, address: hci.Address) -> int:
        """Tell how strongly the sensor at this address is heard."""
        return self._rssi_dbm.get(address, _UNHEARD_DBM)

    def close(self) -> None:
        """Stop all that is timed."""
        for supervisor in self._supervisors.values():
            supervisor.cancel()
        for link in self._links.values():
            link.clear()
        for controller in self.controllers:
            controller.le_legacy_advertiser.stop()

    def send_advertising_pdu(
        self, sender_controller: Controller, packet: ll.AdvertisingPdu
    ) -> None:
        """Carry an advertisement to those who listen, a request to connect to whom it names."""
        loop = asyncio.get_running_loop()
        if isinstance(packet, ll.ConnectInd):
            loop.call_soon(self._connect, sender_controller, packet)
        elif self._is_in_range(sender_controller.random_address):
            for other in self.controllers - {sender_controller}:
                if other.le_scan_enable or other.pending_le_connection is not None:
                    loop.call_soon(other.on_ll_advertising_pdu, packet)

    def send_acl_data(
        self,
        sender_controller: Controller,
        destination_address: hci.Address,
        transport: PhysicalTransport,
        data: bytes,
    ) -> None:
        """Queue data of a connection for its next event."""
        sender = sender_controller.random_address
        deliver = partial(self._deliver_data, sender, destination_address, transport, data)
        self._queue(sender, destination_address, deliver)

    def send_ll_control_pdu(
        self,
        sender_address: hci.Address,
        receiver_address: hci.Address,
        packet: ll.ControlPdu,
    ) -> None:
        """Queue what controllers say to each other; a goodbye does not overtake the data."""
        deliver = partial(self._deliver_control, sender_address, receiver_address, packet)
        self._queue(sender_address, receiver_address, deliver)

    def _queue(self, sender: hci.Address, receiver: hci.Address, deliver: partial[None]) -> None:
        if (link := self._links.get(sender)) is not None:
            link.send(deliver, upwards=True)
        elif (link := self._links.get(receiver)) is not None:
            link.send(deliver, upwards=False)

    def _deliver_data(
        self,
        sender: hci.Address,
        receiver: hci.Address,
        transport: PhysicalTransport,
        data: bytes,
    ) -> None:
        controller = self.find_le_controller(receiver)
        if controller is not None and sender in controller.le_connections:
            controller.on_link_acl_data(sender, transport, data)

    def _deliver_control(
        self, sender: hci.Address, receiver: hci.Address, packet: ll.ControlPdu
    ) -> None:
        controller = self.find_le_controller(receiver)
        if controller is None or sender not in controller.le_connections:
            return
        controller.on_ll_control_pdu(sender, packet)
        if isinstance(packet, ll.TerminateInd):
            # What the other end had still queued belongs to no link any more.
            link = self._links.get(sender) or self._links.get(receiver)
            if link is not None:
                link.clear()

    def _connect(self, sender: Controller, packet: ll.ConnectInd) -> None:
        address = packet.advertiser_address
        target = self.find_le_controller(address)
        if target is not None and self._is_in_range(address):
            target.on_ll_advertising_pdu(packet)
            if packet.initiator_address in target.le_connections:
                return
        # It stopped advertising in between: the central takes itself for connected, and learns
        # otherwise when the first events stay without an answer.
        if (connection := sender.le_connections.get(address)) is not None:
            sender.on_le_disconnected(
                connection, hci.HCI_ErrorCode.CONNECTION_FAILED_TO_BE_ESTABLISHED_ERROR
            )

    def _is_in_range(self, address: hci.Address) -> bool:
        link = self._links.get(address)
        return link is None or link.in_range

    def _lose_link(self, address: hci.Address) -> None:
        del self._supervisors[address]
        for controller in self.controllers:
            for connection in list(controller.le_connections.values()):
                if address in (connection.peer_address, connection.self_address):
                    controller.on_le_disconnected(
                        connection, hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR
                    )
        self._links[address].clear()
