"""Evaluation: scores of a model against data, their comparison, the report page, and ratings by people."""
