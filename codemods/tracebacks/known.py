"""What Lightning, torch and Python say about faults that a rule repairs or explains."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Known:
    """A message, as a pattern in it, with the codes of the rules and the reason in one sentence.

    ``{1}`` in the reason is the first group of the pattern.
    """

    pattern: str
    codes: tuple[str, ...]
    reason: str

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """The pattern; case does not count, nor how white space is wrapped."""
        return re.compile(self.pattern.replace(" ", r"\s+"), re.IGNORECASE)


_HOOK = (
    r"((?:on|training|validation|test|predict|configure|optimizer|lr_scheduler|transfer_batch)_\w+"
    r"|backward)"
)

KNOWN = (
    # Hooks
    Known(
        r"on_exception\(\) missing 1 required positional argument",
        ("LF304", "LF306"),
        "the class of a callback or datamodule is given where an instance belongs",
    ),
    Known(
        r"have included `dataloader_idx` in `([\w.]+)",
        ("LF201",),
        "with one loader {1} gets no dataloader_idx: give it the default 0",
    ),
    Known(
        r"finetune_function\(\) missing",
        ("LF201",),
        "finetune_function gets no opt_idx any more",
    ),
    Known(
        r"Support for `(\w+_epoch_end)` has been removed",
        ("LF203",),
        "{1} got the outputs of all steps, which 2.x does not keep: the step has to keep them",
    ),
    Known(
        r"(on_(?:train|validation|test|predict)_epoch_end)\(\) missing \d required "
        r"positional arguments?: '\w+'",
        ("LF203", "LF201"),
        "{1} is called without outputs: they have to be kept by the step",
    ),
    Known(
        r"returned from `([\w.]*(?:val|test|predict)_dataloader)\(\)`. Found None",
        ("LF104",),
        "{1} gives None where there is nothing to load: return []",
    ),
    Known(
        r"training_step\(\) missing 1 required positional argument: 'optimizer_idx'",
        ("LF404",),
        "2.x calls training_step once for a batch, not once for each optimizer",
    ),
    Known(
        r"multiple optimizers is only supported with manual optimization",
        ("LF404", "LF402", "LF916", "LF201"),
        "with several optimizers the step has to drive them itself",
    ),
    Known(
        r"training_step\(\) missing 1 required positional argument: 'hiddens'",
        ("LF303", "LF404"),
        "truncated back-propagation is not done by Lightning any more",
    ),
    Known(
        _HOOK + r"\(\) (?:missing|takes|got)",
        ("LF201", "LF203", "LF404", "LF207"),
        "{1} takes other parameters than Lightning hands over",
    ),
    Known(
        r"The `?(?:\w+\.)?(on_\w+|\w+_step_end|\w+_epoch_end)`? (?:callback )?hook .*"
        r"(?:removed|no longer)",
        ("LF202", "LF203"),
        "Lightning does not call {1} any more",
    ),
    Known(
        r"The closure hasn't been executed",
        ("LF205",),
        "optimizer_step has to call the closure that it is given, in which the training step runs",
    ),
    # Data
    Known(
        r"An invalid dataloader was (?:passed to|returned from) `([^`]+)`",
        ("LF101", "LF102"),
        "{1}: a DataLoader belongs here, and something else came",
    ),
    Known(
        r"'?(\w*Dataset|Subset)'? object has no attribute '(?:batch_size|sampler|dataset)'",
        ("LF101", "LF102"),
        "a {1} stands where a DataLoader belongs",
    ),
    Known(
        r"When using an `?IterableDataset`?, `?Trainer\((\w+)",
        ("LF310",),
        "a share of a dataset without length cannot be taken by {1}",
    ),
    Known(
        r"(?:takes|got) .*'(?:train_dataloader|val_dataloaders?|test_dataloaders)'",
        ("LF103",),
        "the loaders are passed by a name of an older release",
    ),
    # Trainer arguments
    Known(
        r"invalid accelerator name|You selected an? (?:in)?valid accelerator|"
        r"The specified accelerator|unknown accelerator",
        ("LF301",),
        "there is no accelerator of this name",
    ),
    Known(
        r"invalid strategy name|strategy .* is not (?:valid|known)",
        ("LF301", "LF303"),
        "there is no strategy of this name at 2.x",
    ),
    Known(
        r"value is not a valid input using \w+ accelerator|`devices` selected with|"
        r"No supported gpu backend found|can ?not run on your system since the accelerator|"
        r"should be an int > 0",
        ("LF301", "LF307", "LF312"),
        "the devices that are asked for do not go with the accelerator, or are not there",
    ),
    Known(
        r"You requested gpu|GPU is not available|No GPUs? available|Cannot .* on GPU",
        ("LF301",),
        "a GPU is asked for where there is none: accelerator='auto' takes what is there",
    ),
    Known(
        r"Precision .{1,20} is invalid|Unsupported precision|"
        r"precision .{1,20}(?:is not supported|invalid)|expected one of .*'16-mixed'",
        ("LF302",),
        "there is no precision of this name; mixed precision is '16-mixed' or 'bf16-mixed'",
    ),
    Known(
        r"enable_checkpointing=False.* but found `?ModelCheckpoint",
        ("LF305",),
        "checkpointing is switched off while a ModelCheckpoint is among the callbacks",
    ),
    Known(
        r"Automatic gradient (clipping|accumulation) is not supported for manual optimization",
        ("LF309",),
        "under manual optimization the step itself does the {1}",
    ),
    Known(
        r"not compatible with an interactive environment",
        ("LF313",),
        "this strategy starts the script anew, which a notebook cannot",
    ),
    Known(
        r"'(?:type|str|tuple)' object has no attribute '(?:setup|extend|append|on_\w+|state_key)'",
        ("LF304", "LF306"),
        "a callback or a list of them belongs where something else is given",
    ),
    Known(
        r"enable_progress_bar=False.* but found|callback with `Trainer` that has no logger|"
        r"Received both `precision=|set through both strategy class and|"
        r"multiple progress bar callbacks",
        ("LF314",),
        "two arguments of the Trainer contradict each other, or say the same thing twice",
    ),
    Known(
        r"restored a checkpoint with current_epoch",
        ("LF311",),
        "the run that is resumed has trained for more epochs than max_epochs",
    ),
    Known(
        r"'bool' object has no attribute 'profile'|"
        r"`val_check_interval` .*must be less than or equal|"
        r"'<' not supported between instances of 'NoneType' and 'int'|"
        r"unsupported operand type\(s\) for %: 'int' and '(?:NoneType|dict)'",
        ("LF307", "LF308"),
        "an argument of the Trainer has a value that 1.x took and 2.x does not",
    ),
    Known(
        r"gradient_clip_algorithm` \w+ is invalid|gradient_clip_val` should be an int or a float|"
        r"invalid value \S+ for (?:limit_\w+_batches|overfit_batches|val_check_interval)|"
        r"is not a valid duration|no attribute 'total_seconds'|integer modulo by zero|"
        r"`(?:max_epochs|max_steps)` must be a non-negative|`num_nodes` must be a positive",
        ("LF307",),
        "an argument of the Trainer has a value out of its range",
    ),
    # Optimization
    Known(
        r"The \"interval\" key in lr scheduler dict must be",
        ("LF911",),
        "the interval of a scheduler is step or epoch",
    ),
    Known(
        r"'method' object is not iterable|Unknown configuration for model optimizers",
        ("LF407",),
        "configure_optimizers returns nothing that Lightning knows, or no parameters are given",
    ),
    Known(
        r"training_step` must return a Tensor, a dict,? or None|"
        r"the output of `?training_step`? .*(?:loss|must)|"
        r"In automatic_optimization, when `training_step` returns a dict, the 'loss' key",
        ("LF401",),
        "training_step does not hand a loss to Lightning",
    ),
    Known(
        r"element 0 of tensors does not require grad",
        ("LF401", "LF902", "LF403"),
        "the loss hangs on no parameter: detached, made of numbers, or computed without gradients",
    ),
    Known(
        r"(?:manual_backward|`?\.backward`?|manual optimization).*(?:automatic[_ ]optimization)|"
        r"ensure_manual|set model property `?automatic_optimization`? as False",
        ("LF402",),
        "the step drives the optimizer itself while Lightning does it too",
    ),
    Known(
        r"backward through the graph a second time",
        ("LF402", "LF404"),
        "the same graph is used for two backward passes: the step's own, and Lightning's",
    ),
    Known(
        r"No `(training_step|configure_optimizers|train_dataloader)(?:\(\))?` method defined|"
        r"`(train_dataloader|training_step)` must be implemented",
        ("LF403",),
        "the model lacks what training takes: {1}{2}",
    ),
    Known(
        r"must include a monitor when a `?ReduceLROnPlateau|"
        r"ReduceLROnPlateau conditioned on metric",
        ("LF917", "LF911", "LF919"),
        "ReduceLROnPlateau has to be told which logged metric it watches",
    ),
    Known(
        r"lr scheduler .*(?:doesn't follow|is invalid)",
        ("LF211",),
        "the scheduler is not one of torch's: lr_scheduler_step has to step it",
    ),
    Known(
        r"parameters that were not used in producing (?:the )?loss|"
        r"Expected to have finished reduction in the prior iteration",
        ("LF907",),
        "DDP waits for gradients of parameters that the step does not use",
    ),
    # Constructors
    Known(
        r"cannot assign (?:module|parameters?) before Module\.__init__\(\) call|"
        r"has no attribute '(?:prepare_data_per_node|_parameters|_modules)'",
        ("LF406",),
        "__init__ sets it before that of its parent has run",
    ),
    # Names
    Known(
        r"must be a `?LightningModule",
        ("LF315", "LF503", "LF403", "LF615"),
        "it is a plain module, or one of pytorch_lightning where the Trainer is of lightning",
    ),
    Known(
        r"Expected a parent",
        ("LF503",),
        "one object is of pytorch_lightning and the other of lightning",
    ),
    Known(
        r"__new__\(\) missing 1 required positional argument: 'task'|"
        r"(?:Accuracy|F1Score|Precision|Recall|AUROC)\S* .*argument: 'task'",
        ("LF505",),
        "since torchmetrics 0.11 a classification metric is made for a task",
    ),
    Known(
        r"Unexpected keyword arguments: .*compute_on_step",
        ("LF508",),
        "since torchmetrics 0.9 every metric computes at every step that calls it",
    ),
    # Members
    Known(
        r"(?:can't set attribute|has no setter).*hparams|'hparams' .*(?:set|setter)|"
        r"object has no setter 'hparams'",
        ("LF603",),
        "self.hparams cannot be assigned to: self.save_hyperparameters() fills it",
    ),
    Known(
        r"is not attached to a `?Trainer`?",
        ("LF610", "LF609"),
        "self.trainer is asked for before the module has a Trainer",
    ),
    Known(
        r"You can't `self\.log\((\w+)",
        ("LF609",),
        "{1} is not possible in this hook",
    ),
    Known(
        r"is not attached to the model|self\.log\(\).* not managed by the `?Trainer`? control flow|"
        r"result collection is not registered yet",
        ("LF609",),
        "self.log only works inside of the hooks that a Trainer calls",
    ),
    Known(
        r"nested dictionaries cannot be logged|values cannot be logged",
        ("LF607", "LF609"),
        "self.log takes one number; a dict goes to self.log_dict",
    ),
    Known(
        r"the tensor must have a single element",
        ("LF913",),
        "a tensor of several values is logged as one",
    ),
    Known(
        r"cannot call `?load_from_checkpoint`?|classmethod `?\w*\.?load_from_checkpoint`? cannot",
        ("LF608",),
        "load_from_checkpoint is called on the class, and gives a new object",
    ),
    Known(
        r"learning rate finder, either `model` or `model\.hparams` should have",
        ("LF910",),
        "lr_find writes its suggestion into the model, under a name that the model does not have",
    ),
    Known(
        r"'(\w*Logger)' object is not (?:subscriptable|iterable)",
        ("LF904",),
        "trainer.logger is the first logger; all of them are trainer.loggers",
    ),
    Known(
        r"'DataLoader' object (?:is not subscriptable|has no attribute 'loaders')|"
        r"unsupported operand type\(s\) for /: 'int' and 'list'",
        ("LF901",),
        "the Trainer's loaders are what was given to it, not lists or wrappers of them",
    ),
    Known(
        r"'\w*(?:Adam|AdamW|SGD|RMSprop|Optimizer)' object is not iterable",
        ("LF701", "LF404"),
        "there is one optimizer where several are unpacked",
    ),
    # Checkpoints
    Known(
        r"Weights only load failed|weights_only",
        ("LF803", "LF802"),
        "the checkpoint holds objects that torch does not read by default",
    ),
    Known(
        r"could not find the monitored key|Early ?stopping conditioned on metric",
        ("LF919",),
        "the metric that a callback watches was not logged when it looked",
    ),
    Known(
        r"<class '[\w.]+\.callbacks\.[\w.]+'>|^'(?:checkpoint_callback_best|hparams)",
        ("LF804",),
        "the callbacks of a checkpoint are kept under texts, not under their classes",
    ),
    Known(
        r"`mode` can be min, max|logging_interval should be",
        ("LF703",),
        "mode has to be min or max, logging_interval step or epoch",
    ),
    Known(
        r"Key \"?(\w+)\"? not found in namespace",
        ("LF812", "LF811"),
        "the configuration of a LightningCLI lies under the name of its subcommand",
    ),
    Known(
        r"more than one stateful callback",
        ("LF920",),
        "two callbacks would save their states under one key",
    ),
    Known(
        r"Could not find the `?LightningModule`? attribute for the `?torchmetrics",
        ("LF918",),
        "a metric has to be an attribute of the module, in a ModuleDict or ModuleList if several",
    ),
    Known(
        r"inference tensors? .*(?:autograd|backward|in-?place)|Inference tensors cannot",
        ("LF902",),
        "validate, test and predict run in inference mode, where no gradients are computed",
    ),
    Known(
        r"unrecognized arguments: (--\S+)",
        ("LF813", "LF811", "LF812"),
        "{1} was made by a helper of the Trainer that is gone, or by an older LightningCLI",
    ),
)
