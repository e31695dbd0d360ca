"""Tables of other people's places: Parquet folders, DuckDB files and PostgreSQL servers, by URL.

What is read is first copied into one Parquet file, so that all that reads files reads it alike;
what is written comes as a Parquet file and is there whole or not at all. To add a kind of place:
its URL in `places.py`, a module that keeps `Tables` of `delivery.py`, and its line in `tables.py`.
"""
