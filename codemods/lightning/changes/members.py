"""Attributes and methods that changed, by the class whose objects have them."""

from __future__ import annotations

from .members_others import OTHER_MEMBERS
from .members_trainer import TRAINER_MEMBERS
from .row import NEVER, Member, told

_MODULE = "lightning.pytorch.LightningModule"
_DATAMODULE = "lightning.pytorch.LightningDataModule"
_COMPILE = "<lightning.pytorch.utilities.compile."

_FLAG = "keep a flag of your own and set it in prepare_data, setup or teardown"
_STAGES = (
    "has_prepared_data has_setup_fit has_setup_validate has_setup_test has_setup_predict "
    "has_teardown_fit has_teardown_validate has_teardown_test has_teardown_predict"
)

MEMBERS: tuple[Member, ...] = (
    *TRAINER_MEMBERS,
    # modules
    Member("datamodule", "1.5", "1.3", 7168, _MODULE, "{0}.trainer.datamodule"),
    Member(
        "use_amp",
        "1.8",
        "1.6",
        12315,
        _MODULE,
        '{0}.trainer.precision in ("16-mixed", "bf16-mixed")',
    ),
    Member("precision", "2.0", "", 16203, _MODULE, "{0}.trainer.precision"),
    Member(
        "use_ddp",
        "1.2",
        "",
        None,
        _MODULE,
        "isinstance({0}.trainer.strategy, <lightning.pytorch.strategies.DDPStrategy>)",
    ),
    Member(
        "use_tpu",
        "1.2",
        "",
        None,
        _MODULE,
        "isinstance({0}.trainer.accelerator, <lightning.pytorch.accelerators.XLAAccelerator>)",
    ),
    Member("use_dp", "1.2", "", None, _MODULE, NEVER),
    Member("use_ddp2", "1.2", "", None, _MODULE, NEVER),
    Member(
        "grad_norm()",
        "1.5",
        "1.3",
        7292,
        _MODULE,
        "<lightning.pytorch.utilities.grad_norm>({0}, {args})",
    ),
    *told(
        _MODULE,
        "write_prediction write_prediction_dict",
        "1.5",
        "1.3",
        7066,
        "return them from predict_step and call trainer.predict, or use a BasePredictionWriter",
    ),
    *told(
        _MODULE,
        "loaded_optimizer_states_dict",
        "1.6",
        "1.4",
        8229,
        'read checkpoint["optimizer_states"] in on_load_checkpoint',
    ),
    *told(
        _MODULE, "model_size", "1.7", "1.5", 8495, "ModelSummary(model).model_size is in megabytes"
    ),
    *told(
        _MODULE,
        "get_progress_bar_dict",
        "1.7",
        "1.5",
        8985,
        "override get_metrics of the progress bar",
    ),
    *told(
        _MODULE,
        "add_to_queue get_from_queue",
        "1.7",
        "1.5",
        9118,
        "it was for spawned processes; write what you need to a file",
    ),
    *told(
        _MODULE,
        "log_grad_norm",
        "2.0",
        "",
        16745,
        "log in on_before_optimizer_step: self.log_dict(grad_norm(self, norm_type=2))",
    ),
    Member(
        "summarize()",
        "1.7",
        "1.4",
        8513,
        _MODULE,
        "<lightning.pytorch.utilities.model_summary.summarize>({0}, {args})",
    ),
    Member("from_compiled()", "2.0", "", 16896, _MODULE, _COMPILE + "from_compiled>({args})"),
    Member("to_uncompiled()", "2.0", "", 16896, _MODULE, _COMPILE + "to_uncompiled>({args})"),
    *told(
        _MODULE,
        "to_torchscript",
        "",
        "2.6",
        21397,
        "use torch.export.export(model, inputs), or to_onnx(file, dynamo=True)",
    ),
    # data modules
    *told(
        _DATAMODULE,
        _STAGES,
        "1.6",
        "1.4",
        7657,
        _FLAG,
    ),
    *told(
        _DATAMODULE,
        "train_transforms val_transforms test_transforms",
        "1.7",
        "1.5",
        8851,
        "it was None until somebody set it: give the class train_transforms = None, and the others",
    ),
    *told(_DATAMODULE, "dims size", "1.7", "1.5", 8851, "keep the shape in your own attribute"),
    *OTHER_MEMBERS,
)
