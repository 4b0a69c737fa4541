"""What a player's terms may add: gradients, consistency, weights."""
