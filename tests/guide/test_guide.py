from __future__ import annotations

import pytest

from guide.__main__ import main


def test_the_numbers_do_not_fall_and_the_page_is_up_to_date(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--check"]) == 0, capsys.readouterr().err


def test_an_unknown_row_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "unheard-of"]) == 2
    assert "unheard-of" in capsys.readouterr().err
