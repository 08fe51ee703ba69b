"""Inference: trained models predict frames by LiteRT, without TensorFlow."""
