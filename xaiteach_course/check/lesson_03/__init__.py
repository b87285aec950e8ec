"""Lesson 03: Grad-CAM."""
