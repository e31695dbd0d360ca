"""Files as they come: CSV, Parquet, event files, and the values in their cells."""
