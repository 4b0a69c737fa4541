"""Sources of items and streams of batches."""
