"""Images whose files were hashed before: one that has changed since then is never taken for the hashed one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zoo.data.file_hashes import digests_with_states, state_of
from zoo.data.images import read_image
from zoo.data.manifest import Sample
from zoo.errors import DataError
from zoo.progress import Reporter

if TYPE_CHECKING:
    from PIL.Image import Image


class ChangedImageError(DataError):
    """A file has another content than the one that was hashed."""


class UnreadableFileError(DataError):
    """A file cannot be read at all, whatever its content is: it may be readable later, and a copy of it now."""


class HashedImages:
    """Images by index, and the sha256 of their files, which are hashed when this is created."""

    def __init__(self, samples: Sequence[Sample], progress: Reporter) -> None:
        self.samples = samples
        self.contents, self._states = digests_with_states(
            len(samples), lambda index: samples[index].path, progress=progress
        )
        """The sha256 of each file, None for one that cannot be read."""

    def __len__(self) -> int:
        return len(self.samples)

    def read(self, index: int) -> Image:
        """Return an image as 8-bit RGB, decoded from the content that was hashed.

        A file that was only touched is decoded again, as it may have been replaced for a moment: once, as some file
        systems give a file another state each time.

        Raises:
            ChangedImageError: The file has changed.
            UnreadableFileError: It cannot be read, now or when it was hashed.
            DataError: Its content cannot be decoded.
        """
        path = self.samples[index].path
        touched = False
        while True:
            try:
                image = read_image(path)
            except DataError as error:
                if self.contents[index] is None or _comes_from_the_system(error):
                    raise UnreadableFileError(error.message, where=str(path), hint=error.hint) from error
                if self._is_unchanged(index) or touched:
                    raise
            else:
                if self.contents[index] is None:
                    raise UnreadableFileError("could not be read at first, and has changed since then", where=str(path))
                if self._is_unchanged(index) or touched:
                    return image
            touched = True

    def _is_unchanged(self, index: int) -> bool:
        """Return whether a file has the state in which it was hashed; raise an error unless it has the same content."""
        path = self.samples[index].path
        if state_of(path) == self._states[index] is not None:
            return True
        (digest,), (state,) = digests_with_states(1, lambda _: path)
        if digest is None:
            raise UnreadableFileError("could be read at first, but not any more", where=str(path))
        if digest != self.contents[index]:
            raise ChangedImageError(
                "has changed since it was first read",
                where=str(path),
                hint="run the command again when no other program writes the images",
            )
        self._states[index] = state
        return False


def _comes_from_the_system(error: DataError) -> bool:
    """Return whether an image cannot be read because the operating system said so; what Pillow raises has no errno."""
    return isinstance(error.__cause__, OSError) and error.__cause__.errno is not None
