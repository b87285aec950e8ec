"""One convention for images, and a picture from anywhere."""
