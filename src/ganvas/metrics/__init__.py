"""How good the fakes are, each number with its protocol."""
