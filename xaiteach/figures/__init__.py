"""Maps and models in pictures and words."""
