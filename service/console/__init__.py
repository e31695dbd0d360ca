"""The console's pages: each file reads what one page shows; nothing here changes anything.

To add a page: a function from a `Look` to what its template needs, a template in `pages/`, and a
line in `routes/console_pages.py`. To add a table: a function from a `Look` to a `Table`, and a
line in `console/tables.py`; its `.csv` and `.json` follow.
"""
