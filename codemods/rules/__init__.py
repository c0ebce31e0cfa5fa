"""One module per rule; the file name is the rule's name. Modules with ``_`` in front are shared."""
