"""Decoders: one file for each library that decodes, told apart by the content of a file.

Each has three functions: `recognises(data)`, `decode(data)` and `describe(data)`.
"""
