"""Synthesis: glyphs, handwriting styles, augmentation, corruptions and non-digits."""
