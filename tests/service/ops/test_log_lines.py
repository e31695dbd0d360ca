"""What libraries log: a JSON line each, without the values, and none of an HTTP client's calls."""

from __future__ import annotations

import json
import subprocess
import sys

LOGGED = """
import logging
from service.logs import set_up_logs
set_up_logs("INFO")
logging.getLogger("httpx2").info('HTTP Request: %s %s "%s %d %s"', "POST", "https://x", "1", 2, "O")
logging.getLogger("any.library").warning("kept %d of %s at 90 % of (%(who)s)", 3, "ida@ida.example")
"""


def test_a_librarys_line_has_no_places_left_and_calls_are_not_logged_twice() -> None:
    ran = subprocess.run([sys.executable, "-c", LOGGED], capture_output=True, text=True, check=True)
    (line,) = (json.loads(each) for each in ran.stderr.splitlines())

    assert (line["event"], line["says"]) == ("library.any.library", "kept … of … at 90 % of (…)")
