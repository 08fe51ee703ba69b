"""The TensorFlow wing: the only package that imports tensorflow or keras."""
