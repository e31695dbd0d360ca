"""From an export to a trained model."""
