"""The LiteRT wing: reads frames with trained models, without TensorFlow."""
