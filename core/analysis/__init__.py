"""Error analysis: metrics, confusion matrices, comparisons of models, and explanations."""
