"""Findings: what is wrong with a model or with a data set, told in sentences; one kind a module."""
