"""Tensor operations that networks, metrics, training and the domains share."""
