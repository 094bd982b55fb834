"""Archives that a restore refuses, and that change nothing."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from ha_ingestor.archive.backup import MANIFEST, Manifest, digest, make_backup
from ha_ingestor.archive.restore import restore
from ha_ingestor_core.errors import InvalidInputError

from tests.ha_ingestor.archive_data import stored


def cut_off(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:-2000])


def no_archive(archive: Path) -> None:
    archive.write_bytes(b"something else")


def changed(archive: Path) -> None:
    with tarfile.open(archive, "r:gz") as packed:
        packed.extractall(archive.parent / "unpacked", filter="data")
    (archive.parent / "unpacked" / "filters.json").write_text("changed")
    with tarfile.open(archive, "w:gz") as packed:
        for path in sorted((archive.parent / "unpacked").rglob("*")):
            if path.is_file():
                packed.add(path, arcname=str(path.relative_to(archive.parent / "unpacked")))


def flipped(archive: Path) -> None:
    """In the midst of the packed bytes, where a byte that means nothing ends the unpacking."""
    data = bytearray(archive.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 64] = b"\xff" * 64
    archive.write_bytes(data)


def wrong_checksum(archive: Path) -> None:
    """That of the packed bytes, in an archive that has no end mark, so that it is read to its end."""
    data = gzip.decompress(archive.read_bytes())
    packed = bytearray(gzip.compress(data.rstrip(b"\0")))
    packed[-8] ^= 0xFF
    archive.write_bytes(packed)


def outside(archive: Path) -> None:
    """A manifest that names a file elsewhere, which would be looked at and changed there."""
    elsewhere = archive.parent / "elsewhere"
    elsewhere.write_text("private")
    elsewhere.chmod(0o644)
    manifest = msgspec.json.encode(Manifest(1, {str(elsewhere): digest(elsewhere)}))
    with tarfile.open(archive, "w:gz") as packed:
        for name, data in ((MANIFEST, manifest), (str(elsewhere), b"private")):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            packed.addfile(member, io.BytesIO(data))


def with_a_link(archive: Path) -> None:
    """A link to a file elsewhere in place of one of the files."""
    with tarfile.open(archive, "w:gz") as packed:
        member = tarfile.TarInfo(MANIFEST)
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/hostname"
        packed.addfile(member)


@pytest.mark.parametrize("harm", [cut_off, no_archive, changed, flipped, wrong_checksum, with_a_link, Path.unlink])
async def test_what_is_no_whole_backup_changes_nothing(
    archive: Path, data_dir: Path, harm: Callable[[Path], None]
) -> None:
    harm(archive)
    with pytest.raises(InvalidInputError):
        restore(data_dir, archive, replace=True)
    assert await stored(data_dir) == 800


async def test_a_backup_comes_back_by_a_python_without_filters(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def extract_all(packed: tarfile.TarFile, path: Path) -> None:
        """As of Python 3.11.2, which knows no `filter`."""
        for member in packed.getmembers():
            content = packed.extractfile(member)
            assert content is not None
            (path / member.name).parent.mkdir(parents=True, exist_ok=True)
            (path / member.name).write_bytes(content.read())

    monkeypatch.delattr(tarfile, "data_filter")
    monkeypatch.setattr(tarfile.TarFile, "extractall", extract_all)
    restore(tmp_path / "empty", archive, replace=False)
    assert await stored(tmp_path / "empty") == 500


async def test_a_file_outside_the_folder_is_not_touched(archive: Path, data_dir: Path) -> None:
    outside(archive)
    with pytest.raises(InvalidInputError, match="outside"):
        restore(data_dir, archive, replace=True)
    assert (archive.parent / "elsewhere").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("with_store", [True, False])
async def test_an_archive_of_the_other_store_is_refused(
    archive: Path, influx_data_dir: Path, tmp_path: Path, with_store: bool
) -> None:
    if with_store:
        archive = tmp_path / "archive"
        make_backup(influx_data_dir, archive, 7, with_store=False)
    with pytest.raises(InvalidInputError, match="INFLUXDB_URL"):
        restore(tmp_path / "fresh", archive, replace=False, with_store=with_store)
