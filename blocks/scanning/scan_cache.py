"""Reports of scanners that looked, kept for a while in the home of whoever runs them."""

import hashlib
import os
import tempfile
import time
from pathlib import Path

from pydantic import ValidationError

from delightful.composition.model import ScanReport
from delightful.frozen import Frozen


class ScanCache(Frozen):
    """A folder of reports; `seconds` is how long one counts, 0 never."""

    directory: Path
    seconds: float

    def find(self, *key: str) -> ScanReport | None:
        """Return the report under a key, where it is there and not too old."""
        file = self._file(key)
        try:
            if time.time() - file.stat().st_mtime > self.seconds:
                return None
            return ScanReport.model_validate_json(file.read_bytes())
        except (OSError, ValidationError):
            return None

    def keep(self, report: ScanReport, *key: str) -> None:
        """Keep a report of a scanner that looked; what it could not see is looked at again."""
        if report.unseen is not None or self.seconds == 0:
            return
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, written = tempfile.mkstemp(dir=self.directory)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(report.model_dump_json())
        Path(written).replace(self._file(key))

    def _file(self, key: tuple[str, ...]) -> Path:
        return self.directory / hashlib.sha256("\0".join(key).encode()).hexdigest()


def home_cache() -> Path:
    """Return the folder for reports below the user's own cache."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "delightful" / "scans"
