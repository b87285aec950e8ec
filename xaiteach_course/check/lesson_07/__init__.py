"""Lesson 07: Integrated gradients."""
