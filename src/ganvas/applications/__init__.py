"""What trained players are good for, and how they are trained."""
