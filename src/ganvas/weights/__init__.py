"""Published weights of feature extractors: download, convert, list."""
