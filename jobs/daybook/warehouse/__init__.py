"""The analysts' DuckDB file: what changed in gold, built into a new file, proven, swapped in."""
