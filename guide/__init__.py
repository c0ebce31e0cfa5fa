"""The upgrade guide as a measure: a small program for each change that users meet."""
