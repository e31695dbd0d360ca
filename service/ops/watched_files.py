"""The files a running service watches: its model's and its policy's."""

from __future__ import annotations

from pathlib import Path

Stamp = tuple[tuple[int, int, int], ...] | None


class Files:
    """What the files of model and policy looked like when they were last tried."""

    def __init__(self, model: Path | None, policy: Path | None) -> None:
        self.model = model
        self.policy = policy
        self._tried = {path: _stamp(path) for path in (model, policy) if path is not None}

    def changed(self, path: Path | None) -> bool:
        """Whether a file is another than at the last try, which this one now is."""
        if path is None:
            return False
        now = _stamp(path)
        if now is None or now == self._tried[path]:
            return False
        self._tried[path] = now
        return True


def _stamp(path: Path) -> Stamp:
    """Changes with the content of a file, or of a folder's files."""
    try:
        found = sorted(path.iterdir()) if path.is_dir() else [path]
        stats = [each.stat() for each in found]
    except OSError:
        return None
    return tuple((each.st_ino, each.st_mtime_ns, each.st_size) for each in stats)
