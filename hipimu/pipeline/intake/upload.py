"""An upload, as people see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from hipimu.pipeline.intake.order import Outcome, Problem, Step

State = Literal["receiving", "waiting", Step, "kept", "refused", "cancelled", "interrupted"]
ENDED: Final[frozenset[State]] = frozenset({"kept", "refused", "cancelled", "interrupted"})


@dataclass(frozen=True, slots=True)
class Upload:
    """What somebody sent, and what has become of it."""

    id: str
    athlete: str
    sender: str
    """Name of whoever sent it."""
    user_id: int | None
    """None: whoever sits at this computer, where there are no accounts."""
    sent_at: datetime
    names: tuple[str, ...] = ()
    """Of the files."""
    received: int = 0
    """Bytes."""
    state: State = "receiving"
    done: float | None = None
    """Share of the state, 0–1, where it is known."""
    ahead: int = 0
    """How many are before it, while it waits."""
    session: str | None = None
    outcome: Outcome | None = None
    """What the store made of it, where it was kept."""
    problem: Problem | None = None
    left_out: tuple[str, ...] = ()
    """Files that were sent and not used."""

    @property
    def ended(self) -> bool:
        """Whether nothing more becomes of it."""
        return self.state in ENDED
