"""Drawings that people keep: one, the database, the exchange file, the data set, the dictation.

Knows digits and what a model id is; knows neither models nor who a visitor is: every call names the
owner, and what one owner keeps no other one sees.
"""
