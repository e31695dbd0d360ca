"""The tables, as SQLAlchemy Core declares them."""
