"""What the layers of a model give, and where in the picture their numbers are from."""
