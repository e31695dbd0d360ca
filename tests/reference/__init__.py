"""docs/reference, written from the code: `python -m tests.reference`.

Each page is a function here that returns Markdown; `PAGES` names them, and
tests/docs/test_reference.py finds one that is no longer what the code says.
"""
