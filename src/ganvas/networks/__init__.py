"""Players: networks and their descriptions."""
