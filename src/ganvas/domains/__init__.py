"""All that is particular to a kind of data."""
