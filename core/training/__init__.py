"""Training: the only package that imports tensorflow or keras."""
