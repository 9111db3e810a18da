"""An attack on the published figures: what a reader with patience works out of numbers that are withheld.

Written from the reader's side and apart from the code that withholds: :mod:`statements` writes down what the published
tables say, :mod:`reader` solves it. It shares no line with the suppressor, so that a mistake there is not made twice.
"""
