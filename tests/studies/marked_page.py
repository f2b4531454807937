"""A page of which a study writes the part between two marks."""

from __future__ import annotations


def marks(target: str, module: str) -> tuple[str, str]:
    """Return the marks before and after what `make TARGET` writes, whose words are in a module."""
    return (
        f"<!-- Written by `make {target}`: edit tests/studies/{module}.py. -->",
        f"<!-- Here ends what `make {target}` writes. -->",
    )


def between(text: str, begin: str, end: str, written: str) -> str:
    """Put what was written between the marks of a page; all else stays."""
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n\n{written}\n\n{end}{after}"
