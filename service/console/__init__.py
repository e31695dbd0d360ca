"""The console's pages: each file reads what one page shows; nothing here changes anything.

To add a page: a function from a `PageContext` to what its template needs, a template in
`api/pages/`, a line in `api/console/pages.py` and its name in `places.py`. To add a table: a
function from a `PageContext` to a `Table`, and a line in `console/tables.py`; its `.csv` and
`.json` follow.
"""
