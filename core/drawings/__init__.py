"""Saved drawings: one drawing, the database, the exchange file, the data set, the prompts.

Knows digits and the form of a model id; knows neither models nor visitors. Every call names the
owner, and the drawings of one owner are invisible to all others.
"""
