"""Changes made to samples on the fly."""
