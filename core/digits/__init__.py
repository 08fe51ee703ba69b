"""What a digit is: strokes, ink, the 28×28 frame and the data sets."""
