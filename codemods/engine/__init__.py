"""The engine: text, names, classes and values in; edits out. It knows no rule and no terminal."""
