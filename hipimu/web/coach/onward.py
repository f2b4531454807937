"""Where to go after a login: only to pages of our own."""

from __future__ import annotations

import re
from typing import Final

_OWN: Final = re.compile(r"/(?:[\w.~%!$&'()*+,;=:@?-][\w.~%!$&'()*+,;=:@/?-]*)?", re.ASCII)
_NOT_AFTER: Final = ("/login", "/logout", "/join", "/api", "/static")


def onward(wanted: str) -> str:
    r"""Return the path that an address asks for where it is one of our own pages, else the first.

    Parameters
    ----------
    wanted : str
        Path and query. Browsers take ``//name`` and ``/\name`` for another computer, so that what
        follows the first slash has to be neither.
    """
    if len(wanted) > 2000 or _OWN.fullmatch(wanted) is None:
        return "/"
    first = "/" + wanted[1:].partition("?")[0].partition("/")[0]
    return "/" if first in _NOT_AFTER else wanted
