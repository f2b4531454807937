"""Uploads as one person may see them, as `hipimu.store.StoreView` is for sessions."""

from __future__ import annotations

from dataclasses import dataclass

from hipimu.errors import StoreError
from hipimu.pipeline.intake.intake import Intake
from hipimu.pipeline.intake.upload import Upload
from hipimu.store import StoreView


@dataclass(frozen=True, slots=True, eq=False)
class IntakeView:
    """The uploads, and who looks: whoever sent them, as long as they see the athlete, or an owner.

    Parameters
    ----------
    intake : Intake
    store : StoreView
    """

    intake: Intake
    store: StoreView

    def begin(self, athlete: str, expected: int | None) -> Upload:
        """Make a place for an upload of an athlete's run; see `Intake.begin`.

        Raises
        ------
        StoreError
            When there is no such athlete, or the viewer may not add to what is known of them.
        UploadError
            When too many wait already, or there is no room.
        """
        return self.intake.begin(self.store.viewer, self.store.may(athlete), expected)

    def athletes(self) -> tuple[str, ...]:
        """Return whose runs may be sent."""
        if not self.store.viewer.writes:
            return ()
        return tuple(athlete.name for athlete in self.store.athletes())

    def uploads(self) -> tuple[Upload, ...]:
        """Return the uploads that may be seen, newest first."""
        seen = {athlete.name for athlete in self.store.athletes()}
        return tuple(
            upload
            for upload in self.intake.uploads()
            if self._is_theirs(upload) and upload.athlete in seen
        )

    def upload(self, upload_id: str) -> Upload:
        """Return one upload.

        Raises
        ------
        StoreError
            When there is none of this name that may be seen.
        """
        upload = self.intake.upload(upload_id)
        if upload is None or not self._is_theirs(upload) or not self._sees(upload.athlete):
            raise StoreError(
                "There is no such upload.",
                "The server remembers uploads until it ends; look among the sessions.",
                reason="not_found",
            )
        return upload

    def cancel(self, upload_id: str) -> Upload:
        """Let nothing more become of an upload."""
        self.store.may(self.upload(upload_id).athlete)
        self.intake.cancel(upload_id)
        return self.upload(upload_id)

    def _is_theirs(self, upload: Upload) -> bool:
        viewer = self.store.viewer
        own = viewer.user_id is not None and viewer.user_id == upload.user_id
        return own or viewer.role == "owner"

    def _sees(self, athlete: str) -> bool:
        try:
            self.store.athlete(athlete)
        except StoreError as error:
            if error.reason != "not_found":
                raise
            return False
        return True
