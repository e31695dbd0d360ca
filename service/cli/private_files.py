"""Files that hold people's data are their owner's alone, whatever the shell's umask is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

_OTHERS = 0o077


@contextmanager
def private_files() -> Iterator[None]:
    """Files made in the block, or by the function it decorates, have the mode 0600, folders 0700.

    A file that is there already keeps its mode. The umask is the process's, so this is for
    commands, which do one thing.
    """
    before = os.umask(_OTHERS)
    try:
        yield
    finally:
        os.umask(before)
