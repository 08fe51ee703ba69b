"""What errors mean: metrics, confusion matrices, misclassified pairs."""
