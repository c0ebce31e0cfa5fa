"""Arguments of methods and functions that changed."""

from __future__ import annotations

from .row import Keyword

_PL = "lightning.pytorch."
_MODULE = _PL + "LightningModule"
#: Beside the mean, which was the default of both.
_REDUCED = "reduce_fx combines the values of the steps as well, with the same function"
_WARN = (
    "utilities.rank_zero_warn",
    "utilities.rank_zero.rank_zero_warn",
    "utilities.warnings.rank_zero_warn",
)

METHOD_KEYWORDS: tuple[Keyword, ...] = (
    *(
        Keyword(
            "sync_dist_op",
            "1.6",
            "1.4",
            7891,
            f"{_MODULE}.{method}",
            "reduce_fx",
            doubt=_REDUCED,
            values=(("None", ""), ('"mean"', "{0}"), ('"avg"', "{0}")),
        )
        for method in ("log", "log_dict")
    ),
    *(
        Keyword(name, "1.6", "1.4", 10423, f"{_MODULE}.{method}")
        for method in ("log", "log_dict")
        for name in ("tbptt_reduce_fx", "tbptt_pad_token")
    ),
    Keyword("optimizer", "1.4", "1.2", 8287, f"{_MODULE}.manual_backward", place=1, like="opt"),
    Keyword("optimizer_idx", "2.0", "", 16560, f"{_MODULE}.toggle_optimizer", place=1),
    Keyword("model", "1.6", "1.4", 7918, f"{_PL}utilities.model_helpers.is_overridden", "instance"),
    *(
        Keyword("category", "1.8", "", 14470, f"{_PL}{name}", "category", place=1, like="Warning")
        for name in _WARN
    ),
)
