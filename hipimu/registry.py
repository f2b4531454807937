"""Things by name that others may add to: filters, stride finders, measures.

A thing is added by calling `Registry.register`, or by a package that names it as an entry point of
the registry's group; such packages are only looked at when a name is asked for that is not known.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Generic, TypeVar

from hipimu.errors import UnknownNameError

Thing = TypeVar("Thing")


class Registry(Generic[Thing]):
    """Things of one kind by name.

    Parameters
    ----------
    kind : str
        As errors call it: ``filter``.
    group : str
        Of entry points: ``hipimu.filters``.
    """

    def __init__(self, kind: str, group: str) -> None:
        self.kind = kind
        self.group = group
        self._things: dict[str, Thing] = {}
        self._looked = False

    def register(self, name: str, thing: Thing) -> Thing:
        """Add a thing.

        Parameters
        ----------
        name : str
            Letters, digits, ``-`` and ``_``; not one that is taken.
        thing : object

        Returns
        -------
        object
            The thing itself.

        Raises
        ------
        ValueError
            When the name is taken by something else, or is none.
        """
        if not name.replace("-", "").replace("_", "").isalnum():
            raise ValueError(f"{name!r} is no name for a {self.kind}")
        if self._things.setdefault(name, thing) is not thing:
            raise ValueError(f"there is a {self.kind} called {name!r} already")
        return thing

    def named(self, name: str) -> Callable[[Thing], Thing]:
        """Return a decorator that adds what it stands above."""
        return lambda thing: self.register(name, thing)

    def get(self, name: str) -> Thing:
        """Return the thing of this name.

        Raises
        ------
        UnknownNameError
            With the names that exist.
        """
        if name not in self._things:
            self._look()
        if name not in self._things:
            raise UnknownNameError(self.kind, name, self.names())
        return self._things[name]

    def names(self) -> tuple[str, ...]:
        """Return all names that are known so far, in the order in which they were added."""
        return tuple(self._things)

    def installed(self) -> tuple[str, ...]:
        """Return all names, with those that installed packages bring."""
        self._look()
        return self.names()

    def _look(self) -> None:
        if self._looked:
            return
        self._looked = True
        for point in entry_points(group=self.group):
            if point.name not in self._things:
                self.register(point.name, point.load())
