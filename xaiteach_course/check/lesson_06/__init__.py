"""Lesson 06: SHAP's gradient explainer."""
