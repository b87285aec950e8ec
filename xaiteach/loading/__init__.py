"""Other people's models, from files and from the names of ImageNet networks."""
