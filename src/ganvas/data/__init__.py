"""Where data lie, and how they come in batches."""
