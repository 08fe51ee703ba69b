"""Conversion of Keras models to LiteRT."""

import keras
import tensorflow as tf


def convert(model: keras.Model) -> bytes:
    """The contents of a LiteRT file of the model."""
    return tf.lite.TFLiteConverter.from_keras_model(model).convert()
