"""Why there is no Bluetooth, in words: what bleak and the system raise, and what to do about it."""

from __future__ import annotations

import sys

from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
)

from hipimu.errors import SensorError

_Why = BleakBluetoothNotAvailableReason
_REASONS = {
    _Why.NO_BLUETOOTH: "no_adapter",
    _Why.NO_BLE_CENTRAL_ROLE: "no_adapter",
    _Why.POWERED_OFF: "off",
    _Why.DENIED_BY_USER: "not_permitted",
    _Why.DENIED_BY_SYSTEM: "not_permitted",
    _Why.DENIED_BY_UNKNOWN: "not_permitted",
    _Why.UNKNOWN: "failed",
}
_DBUS_REASONS = {
    "org.bluez.Error.NotReady": "off",
    "org.bluez.Error.NotAuthorized": "not_permitted",
    "org.bluez.Error.InProgress": "busy",
    "org.freedesktop.DBus.Error.AccessDenied": "not_permitted",
    "org.freedesktop.DBus.Error.NameHasNoOwner": "no_service",
    "org.freedesktop.DBus.Error.ServiceUnknown": "no_service",
}
_SENTENCES = {
    "no_adapter": "This computer has no Bluetooth adapter that can connect to sensors",
    "no_service": "This computer's Bluetooth service does not run",
    "off": "Bluetooth is switched off",
    "not_permitted": "The system does not let this program use Bluetooth",
    "busy": "Another program keeps Bluetooth busy",
    "failed": "Bluetooth does not work",
}
_REMEDIES = {
    ("no_adapter", "linux"): (
        "Plug in an adapter with Bluetooth 4.0 or newer, and look with bluetoothctl list."
    ),
    ("no_adapter", ""): "Plug in an adapter with Bluetooth 4.0 or newer.",
    ("no_service", "linux"): (
        "Install BlueZ and start it: sudo systemctl start bluetooth. In a container, mount the "
        "host's /run/dbus."
    ),
    ("no_service", ""): "Restart the computer.",
    ("off", "linux"): ("Switch it on: rfkill unblock bluetooth, then bluetoothctl power on."),
    ("off", "darwin"): "Switch it on in Control Centre.",
    ("off", "win32"): "Switch it on in Settings, Bluetooth & devices.",
    ("off", ""): "Switch it on.",
    ("not_permitted", "linux"): (
        "Add yourself to the group bluetooth: sudo usermod -aG bluetooth $USER, and log in anew."
    ),
    ("not_permitted", "darwin"): (
        "Allow your terminal in System Settings, Privacy & Security, Bluetooth, and start it anew."
    ),
    ("not_permitted", "win32"): (
        "Allow desktop apps in Settings, Privacy & security, and ask your administrator if it "
        "stays so."
    ),
    ("not_permitted", ""): "Allow it in the system's settings.",
    ("busy", ""): "Close other programs that search for devices, and try again.",
    ("failed", "linux"): (
        "Restart it: sudo systemctl restart bluetooth; journalctl -u bluetooth says more."
    ),
    ("failed", ""): "Switch Bluetooth off and on again.",
}


def bluetooth_error(error: BaseException, platform: str = sys.platform) -> SensorError | None:
    """Say what an exception means for the whole of Bluetooth.

    Parameters
    ----------
    error : BaseException
        What bleak or the system raised.
    platform : str
        As `sys.platform` has it.

    Returns
    -------
    SensorError or None
        None where it concerns one device only.
    """
    if isinstance(error, SensorError):
        return error
    reason = _reason(error, platform)
    if reason is None:
        return None
    detail = "" if reason in ("off", "no_adapter", "busy") else _detail(error)
    remedy = _REMEDIES.get((reason, platform)) or _REMEDIES[reason, ""]
    # To a program it makes no difference whether adapter or service is missing.
    kind = "no_adapter" if reason == "no_service" else reason
    return SensorError(f"{_SENTENCES[reason]}{detail}.", remedy, reason=kind)


def _reason(error: BaseException, platform: str) -> str | None:
    match error:
        case BleakBluetoothNotAvailableError():
            return _REASONS.get(error.reason, "failed")
        case BleakDBusError():
            return _DBUS_REASONS.get(error.dbus_error)
        case PermissionError():
            return "not_permitted"
        case FileNotFoundError() | ConnectionRefusedError() if platform == "linux":
            return "no_service"  # the socket of the system's message bus
        case _:
            return None


def _detail(error: BaseException) -> str:
    words = str(error.args[0] if error.args and isinstance(error.args[0], str) else error)
    words = " ".join(words.split()).rstrip(".")
    return f" ({words})" if words else ""
