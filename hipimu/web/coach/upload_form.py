"""What stands in the form for uploads besides the files."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Final

from hipimu.data import SEGMENTS, Segment, TrainingContext
from hipimu.errors import StoreError
from hipimu.store import StoreView
from hipimu.store.importing import checked_context
from hipimu.web.coach.caller import Caller
from hipimu.web.coach.forms import FormError, read_exertion
from hipimu.web.coach.upload_receive import Told

CONTEXT: Final = ("surface", "shoes", "exertion", "injury", "tags")
FIELDS: Final = ("athlete", "name", *CONTEXT, *SEGMENTS)
_LONGEST_NAME: Final = 80
LONGEST_LABEL: Final = 200


def read_told(fields: Mapping[str, str], view: StoreView) -> Told:
    """Return what the fields say, where who sends them may.

    Parameters
    ----------
    fields : mapping
        ``athlete``, and optional ones: ``name``, ``surface``, ``shoes``, ``exertion``, ``injury``,
        ``tags``, and for each segment what its sensor is called in the files.
    view : StoreView

    Raises
    ------
    FormError
        When something cannot be said of a run.
    StoreError
        When there is no such athlete, or it may not be added to what is known of them.
    """
    name = fields.get("name", "").strip()
    if len(name) > _LONGEST_NAME:
        raise FormError(422, "The name is too long.", f"Use up to {_LONGEST_NAME} characters.")
    athlete = fields.get("athlete", "")
    if not athlete:
        raise FormError(422, "Nobody was chosen.", "Choose whose run it is.")
    return Told(view.may(athlete), name, _context(fields), _roles(fields))


def _roles(fields: Mapping[str, str]) -> dict[Segment, str] | None:
    told = {segment: fields.get(segment, "").strip() for segment in SEGMENTS}
    if any(len(label) > LONGEST_LABEL for label in told.values()):
        raise FormError(
            422,
            "What a sensor is called is too long.",
            f"Use up to {LONGEST_LABEL} characters.",
        )
    return {segment: label for segment, label in told.items() if label} or None


def _context(fields: Mapping[str, str]) -> TrainingContext | None:
    told = TrainingContext(
        surface=fields.get("surface") or None,
        shoes=fields.get("shoes") or None,
        exertion=read_exertion(fields.get("exertion", "")),
        injury=fields.get("injury") or None,
        tags=tuple(tag.strip() for tag in fields.get("tags", "").split(",") if tag.strip()),
    )
    try:
        kept = checked_context(told)
    except StoreError as error:
        raise FormError(422, error.what, error.remedy) from error
    # Nothing said takes nothing away from a session that is there already.
    return None if kept == TrainingContext() else kept


def check_key(fields: Mapping[str, str], caller: Caller) -> None:
    """Refuse a form that no page of ours has made for this caller.

    Raises
    ------
    FormError
    """
    given = fields.get("key", "").encode("utf-8", "replace")
    if not caller.key or not secrets.compare_digest(given, caller.key.encode()):
        raise FormError(
            403,
            "This form does not come from a page of this hipimu serve; nothing was kept.",
            "Reload the page and send the files from there.",
        )
