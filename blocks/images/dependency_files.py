"""Reads the files of an image's context that say what a service needs."""

import hashlib
from pathlib import Path

from blocks.images.files_image import context_files
from delightful.composition.lock_files import MAX_LOCK_BYTES, LockFile, is_lock_file, read_lock
from delightful.composition.survey import Survey, is_dependency_file, survey_of

_MOST_FILES = 100


def surveyed(context: Path) -> Survey:
    """Return what the files of a context, .dockerignore honoured, say that a service needs."""
    paths = [path for path in context_files(context) if is_dependency_file(path)]
    declarations: dict[str, bytes] = {}
    locks: list[LockFile] = []
    unread: list[str] = []
    for path in paths[:_MOST_FILES]:
        data = _content(context, path)
        if data is None:
            unread.append(f"{path} is no plain file of less than {MAX_LOCK_BYTES} bytes")
        elif is_lock_file(path):
            locks.append(read_lock(path, data, hashlib.sha256(data).hexdigest()))
        else:
            declarations[path] = data
    if len(paths) > _MOST_FILES:
        unread.append(f"more than {_MOST_FILES} files say what is needed")
    survey = survey_of(declarations, tuple(locks))
    return survey.model_copy(update={"uncovered": (*unread, *survey.uncovered)})


def _content(context: Path, path: str) -> bytes | None:
    file = context / path
    if file.is_symlink() or not file.is_file() or file.stat().st_size > MAX_LOCK_BYTES:
        return None
    return file.read_bytes()
