"""The options of the Trainer, against what its releases took."""

import pytest
from lfix.codemods.lightning import api, flags
from lfix.codemods.lightning.environment import VARIABLES
from lfix.codemods.lightning.trainer import GONE_ARGUMENTS, TRAINER_PARAMETERS

#: Arguments of releases before the first that was mined, and of 1.0.
_OLDEST = {"row_log_interval", "log_save_interval"}


@pytest.mark.parametrize("name", sorted(flags.OPTIONS - _OLDEST))
def test_an_option_was_an_argument_of_the_trainer(name: str) -> None:
    taken = [
        r
        for r in api.RELEASES
        if (s := api.signature("lightning.pytorch.Trainer", r)) and s.takes(name)
    ]
    assert taken
    assert name in TRAINER_PARAMETERS | GONE_ARGUMENTS


def test_the_kinds_of_options_do_not_overlap() -> None:
    kinds = (flags.INTEGERS, flags.NUMBERS, flags.FLOATS, flags.SWITCHES, flags.ON, flags.TEXTS)
    assert sum(map(len, kinds)) == len(flags.OPTIONS)


def test_variables_are_found_by_their_names() -> None:
    assert all(name == variable.name for name, variable in VARIABLES.items())
