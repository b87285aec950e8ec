"""One line: ask a model, and keep the explanation as a thing, a file, a page."""
