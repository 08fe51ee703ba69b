"""Digits that are made up: glyphs, handwriting styles, augmentation, corruptions and non-digits."""
