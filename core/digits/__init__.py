"""Digits: strokes, ink, the 28×28 frame, image files and data sets."""
