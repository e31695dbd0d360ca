"""From an export to labelled rows in order of time."""
