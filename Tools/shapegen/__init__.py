"""Turns a botocore service model into Swift wire shapes."""
