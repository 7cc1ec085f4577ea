"""The shared code of the lab: settings, images, model, run, record, figure.

Nothing is imported here, so that `import helpers.settings` costs nothing; TensorFlow is
loaded by the modules that build or train a network.
"""
