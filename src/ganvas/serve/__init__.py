"""Pages for a browser on the same machine. They read runs and applications, and never train."""
