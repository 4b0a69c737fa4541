"""Training sessions: plan, train, resume, launch processes, choose devices, load a trained model."""
