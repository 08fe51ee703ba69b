"""Batch prediction: classifies folders of pictures in many processes and writes Parquet files."""
