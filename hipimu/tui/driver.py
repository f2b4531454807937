"""How textual reaches the terminal, if it is still there."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from textual.driver import Driver

if sys.platform == "win32":

    def driver_class() -> type[Driver] | None:
        """Return what textual chooses by itself."""
        return None

else:
    from textual.drivers.linux_driver import LinuxDriver

    from hipimu.tui.screen import Screen

    if TYPE_CHECKING:
        from textual.app import App

    class _GoneWithTheTerminal(LinuxDriver):
        """Writes nothing to a closed terminal.

        Textual writes from a thread that ends at the first error; what is written after that fills
        a queue that nobody empties, and closing the face would wait for it.
        """

        def __init__(
            self,
            app: App[object],
            *,
            debug: bool = False,
            mouse: bool = True,
            size: tuple[int, int] | None = None,
        ) -> None:
            super().__init__(app, debug=debug, mouse=mouse, size=size)
            self._screen = Screen(sys.stderr if self._file is None else self._file)

        def write(self, data: str) -> None:
            """Write, or let it be."""
            if not self._screen.gone():
                super().write(data)

    def driver_class() -> type[Driver] | None:
        """Return a driver that a closed terminal does not hold up."""
        return _GoneWithTheTerminal
