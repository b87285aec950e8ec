"""Lesson 09: Catch a cheating model."""
