"""From an archive to a data set: compared, unpacked aside, checked, and only then given its name."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

from zoo.data.download.archive_file import ArchiveFile
from zoo.data.download.checksums import compare, new_record, remember
from zoo.data.download.download_errors import WrongArchive, writing
from zoo.data.download.unpack import unpack
from zoo.data.download.whole import as_list, missing_images
from zoo.progress import Reporter
from zoo.spec import Archive, Source


def install(source: Source, archive: Archive, packed: ArchiveFile, folder: Path, progress: Reporter) -> None:
    """Make the folder of an archive, whole or not at all."""
    record = new_record(source, url=packed.url, path=packed.path, progress=progress)
    compare(record, source, folder, packed.path)
    aside = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.unpacking")
    try:
        with writing(folder.parent, kept=f"The archive is kept in {packed.path}, and is not downloaded again"):
            aside.mkdir()
            unpack(packed.path, aside, most_files=archive.most_files, most_bytes=archive.most_bytes, progress=progress)
            found = aside / archive.folder if (aside / archive.folder).is_dir() else aside
            if wrong := missing_images(source, archive, found, progress):
                raise WrongArchive(f"what it holds is not the whole data set:{as_list(wrong)}")
            remember(record, source, folder)
            found.rename(folder)
    except WrongArchive as error:
        raise _hopeless(error, packed) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    packed.done_with()


def remove_leftovers(folder: Path) -> None:
    """Remove what a killed process had unpacked of this data set."""
    for left in folder.parent.glob(f".{folder.name}.*.unpacking"):
        shutil.rmtree(left, ignore_errors=True)


def _hopeless(error: WrongArchive, packed: ArchiveFile) -> WrongArchive:
    """What is wrong in an archive will not become right: it must not stand in the way of the next try."""
    packed.done_with()
    if packed.ours:
        next_step = "The download was removed: run the same command again"
    else:
        next_step = f"Delete {packed.path} and run the same command again"
    return WrongArchive(
        error.message,
        where=packed.url or str(packed.path),
        hint=f"nothing was unpacked. {next_step}, or give another address with --url or ZOO_DATA_URL",
    )
