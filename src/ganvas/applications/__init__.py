"""What a trained model is for: samples as files, verification of generated files."""
