"""Millions of leads: one row a lead, the same numbers as online, on one machine or a cluster.

The files are read once, strictly and in parts (`staging`); every part becomes a table of
admitted leads (`table`), and one function scores it (`part`). An engine only decides where the
rollup is aggregated and where the parts are scored: `local`, `dask_engine`, `spark_engine`. To
add one, write its two methods (`engine`) and name it in the command line's `--engine`.
"""

from __future__ import annotations

from scoring.batch.part import score_export
from scoring.batch.run import Progress, score_file

__all__ = ["Progress", "score_export", "score_file"]
