"""Nested settings: mappings whose keys are attributes too, and objects named by dotted paths."""

import importlib

import yaml


class Config(dict):
    """A mapping that is read and written by attribute as well, all the way down."""

    def __init__(self, *args, **kwargs):
        super().__init__()
        for key, value in dict(*args, **kwargs).items():
            self[key] = value

    def __setitem__(self, key, value):
        plain = isinstance(value, dict) and not isinstance(value, Config)
        super().__setitem__(key, Config(value) if plain else value)

    def __getattr__(self, key):
        try:
            return self[key]
        except KeyError:
            raise AttributeError(key) from None

    def __setattr__(self, key, value):
        self[key] = value

    def pop(self, key, default=None):
        return super().pop(key, default)


def load(path):
    with open(path) as file:
        return Config(yaml.safe_load(file))


def from_dotlist(words):
    """Settings written as ``model.params.width=8``."""
    found = Config()
    for word in words:
        key, _, value = word.partition("=")
        *outer, last = key.split(".")
        place = found
        for name in outer:
            place = place.setdefault(name, Config())
        place[last] = yaml.safe_load(value)
    return found


def merge(*configs):
    """The settings of all, the last one first."""
    result = Config()
    for config in configs:
        for key, value in config.items():
            both = isinstance(value, dict) and isinstance(result.get(key), dict)
            result[key] = merge(result[key], value) if both else value
    return result


def get_obj_from_str(path):
    module, name = path.rsplit(".", 1)
    return getattr(importlib.import_module(module), name)


def instantiate_from_config(config):
    return get_obj_from_str(config["target"])(**config.get("params", {}))
