"""What runs inside the project's own interpreter: hooks, guards and one probe callback.

The parent copies this folder next to the request, so nothing of lfix has to be installed where the
project lives. Hence the rules for every module here: standard library only, imports of siblings
only, and syntax that Python 3.7 accepts.
"""
