"""Lesson 01: Train a digit classifier."""
