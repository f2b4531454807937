"""What the OpenAPI document says of nouns: read off their dataclasses, so that neither drifts."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from itertools import pairwise
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np
from pydantic import BaseModel, Field, create_model

from hipimu.store.documents import unaliased
from hipimu.web.api.fields import DESCRIPTIONS

_ALIASED: Final = frozenset(dir(BaseModel))
"""Names that a model needs for itself."""
_UNITS: Final[Mapping[str, str]] = {
    "_m_s": "metres a second",
    "_rad": "radians",
    "_s": "seconds",
    "_hz": "hertz",
    "_ppm": "parts per million",
    "_bpm": "beats a minute",
}
"""By the ends of names, the longer ones first."""
_WHEN_NULL: Final = re.compile(r"; null: [^.;]*")
_CODE: Final = re.compile(r"``([^`]+)``|`([^`]+)`")


@cache
def model_of(noun: Any) -> type[BaseModel]:
    """Return the model of a noun's JSON form, as `hipimu.web.api.plain.plain` makes it.

    Parameters
    ----------
    noun : type
        A dataclass or a named tuple, of nouns again, numbers, words, times and arrays.

    Returns
    -------
    type
        Every field is there, also where its value is null.
    """
    hints = get_type_hints(noun)
    names = [f.name for f in fields(noun)] if is_dataclass(noun) else list(noun._fields)
    said = _documented(noun)
    made: dict[str, Any] = {
        _python_name(name): (
            _shape(hints[name]),
            _field(noun.__name__, name, said.get(name), _may_be_null(hints[name])),
        )
        for name in names
    }
    model: type[BaseModel] = create_model(noun.__name__, __doc__=_first_part(noun), **made)
    return model


def _python_name(name: str) -> str:
    return f"{name}_" if name in _ALIASED else name


def _may_be_null(kind: Any) -> bool:
    return kind is float or NoneType in get_args(kind)


def _field(noun: str, name: str, said: str | None, may_be_null: bool) -> Any:
    known = DESCRIPTIONS.get(f"{noun}.{name}") or said or DESCRIPTIONS.get(name)
    alias = name if name in _ALIASED else None
    description = None if known is None else _with_unit(name, _markdown(known))
    if description is not None and not may_be_null:
        description = _WHEN_NULL.sub("", description)
    return Field(description=description, alias=alias)


def _with_unit(name: str, said: str) -> str:
    """Say the unit that a name ends with, where its description does not."""
    unit = next((unit for end, unit in _UNITS.items() if name.endswith(end)), "")
    return said if unit in said else f"{said} In {unit}."


def _first_part(noun: Any) -> str:
    """What a noun is; its parameters are described one by one."""
    said = DESCRIPTIONS.get(noun.__name__) or inspect.cleandoc(noun.__doc__ or "")
    return _markdown(said.partition("\n\nParameters\n")[0])


def _markdown(text: str) -> str:
    told = _CODE.sub(lambda match: f"`{match[1] or match[2]}`", inspect.cleandoc(text))
    told = re.sub(r"\b(None|NaN)\b", "null", told)
    return told[:1].upper() + told[1:]


def _documented(noun: Any) -> dict[str, str]:
    """Return what stands below the fields of a class."""
    body = _classes(noun.__module__)[noun.__name__].body
    return {
        before.target.id: " ".join(inspect.cleandoc(after.value.value).split())
        for before, after in pairwise(body)
        if isinstance(before, ast.AnnAssign)
        and isinstance(before.target, ast.Name)
        and isinstance(after, ast.Expr)
        and isinstance(after.value, ast.Constant)
        and isinstance(after.value.value, str)
    }


@cache
def _classes(module: str) -> Mapping[str, ast.ClassDef]:
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}


def _shape(kind: Any) -> Any:
    """Return the type of what JSON holds in place of a type of the nouns."""
    kind = unaliased(kind)
    origin, parts = get_origin(kind), get_args(kind)
    if kind is float:
        # Whatever could not be computed is null, wherever it stands.
        return float | None
    if kind in (str, int, bool, datetime, object, Any, NoneType):
        return Any if kind is object else kind
    if origin is Literal:
        return kind
    if origin in (Union, UnionType):
        return Union[tuple(_shape(part) for part in parts)]  # noqa: UP007 — of a tuple
    if origin is tuple:
        return _tuple_shape(parts)
    if origin is np.ndarray:
        return list[float | None]
    if origin is not None and issubclass(origin, Mapping):
        return dict[_key_shape(parts[0]), _shape(parts[1])]  # type: ignore[misc]  # at run time
    if issubclass(kind, StrEnum):
        return Literal[tuple(str(member) for member in kind)]
    return model_of(kind)


def _tuple_shape(parts: tuple[Any, ...]) -> Any:
    if parts[-1] is Ellipsis:
        return list[_shape(parts[0])]  # type: ignore[misc]  # at run time
    return tuple[tuple(_shape(part) for part in parts)]  # type: ignore[misc]


def _key_shape(kind: Any) -> Any:
    return kind if get_origin(kind) is Literal else str
