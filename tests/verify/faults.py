"""Code that runs and trains wrongly, or would elsewhere, each with a healthy twin."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

LOADER = "DataLoader(Rows(), batch_size=8)"

#: A run that anybody would try: a few steps, and no look at what they did.
_SMOKE = (
    "pl.Trainer(max_steps=2, num_sanity_val_steps=0, logger=False, enable_checkpointing=False{})"
)
_FIT = f"{_SMOKE.format('')}.fit(Net(), {LOADER})"
_BOTH = f"{_SMOKE.format('')}.fit(Net(), {LOADER}, {LOADER})"

_PLAIN = """
    def training_step(self, batch, batch_idx):
        return self.loss_of(batch)
    """
_VALIDATES = (
    _PLAIN
    + """
    def validation_step(self, batch, batch_idx):
        self.log("val_loss", self.loss_of(batch))
    """
)


def _rate(optimizer: str, before: str = "pass") -> dict[str, str]:
    made = f"""
    def configure_optimizers(self):
        {before}
        return torch.optim.{optimizer}
    """
    return {"step": _PLAIN + made, "main": _FIT}


def _step(text: str, main: str = _FIT, extra: str = "") -> dict[str, str]:
    lines = "\n        ".join(text.strip().splitlines())
    step = f"""
    def training_step(self, batch, batch_idx):
        {lines}
    """
    return {"step": step, "main": main, "extra": extra}


def _carried(body: str) -> dict[str, str]:
    hook = f"""
    def transfer_batch_to_device(self, batch, device, dataloader_idx):
        {body}
    """
    # Without a batch no step is counted, so that nothing but the epoch ends it.
    return {"step": _PLAIN + hook, "main": _FIT.replace("max_steps=2", "max_epochs=1")}


_HEALTHY = {"step": _PLAIN, "main": _FIT}
_NORMED = """
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(10, 2)
        self.norm = nn.BatchNorm1d(2)

    def training_step(self, batch, batch_idx):
        return nn.functional.cross_entropy(self.norm(self.layer(batch[0])), batch[1])
    """


def _normed(loader: str) -> dict[str, str]:
    return {"step": _NORMED, "main": f"{_SMOKE.format('')}.fit(Net(), {loader})"}


def _watched(key: str) -> dict[str, str]:
    keeper = f", callbacks=[ModelCheckpoint(monitor={key!r}, dirpath='kept')]"
    trainer = _SMOKE.format(keeper).replace("enable_checkpointing=False", "val_check_interval=None")
    main = f"""
from lightning.pytorch.callbacks import ModelCheckpoint
{trainer}.fit(Net(), {LOADER}, {LOADER})
"""
    return {"step": _VALIDATES, "main": main}


def _two_loaders(parameters: str) -> dict[str, str]:
    step = f"""
    def validation_step(self, {parameters}):
        self.log("val_loss", self.loss_of(batch))
    """
    return {
        "step": _PLAIN + step,
        "main": f"{_SMOKE.format('')}.fit(Net(), {LOADER}, [{LOADER}, {LOADER}])",
    }


_STUCK = """
class Stuck(Rows):
    def __getitem__(self, index):
        import time
        while {}:
            time.sleep(1)
        return super().__getitem__(index)
"""


def _workers(stuck: str) -> dict[str, str]:
    loader = "DataLoader(Stuck(), batch_size=8, num_workers=1)"
    main = f"{_SMOKE.format('')}.fit(Net(), {loader})"
    return {"step": _PLAIN, "extra": _STUCK.format(stuck), "main": main}


@dataclass(frozen=True)
class Fault:
    """A program with a fault, and the one without.

    ``outcome`` is what verification says of it, ``said`` a pattern in the reason where it is not
    verified, and in a note where it is. ``naive`` is whether the program ends well when it is just
    run, here; None where it never ends. ``without_cuda`` is whether all this holds only where there
    is no CUDA device.
    """

    program: dict[str, str]
    twin: dict[str, str]
    outcome: str
    said: str
    naive: bool | None = True
    without_cuda: bool = False
    options: dict[str, Any] = field(default_factory=dict)


FAULTS = {
    "learning rate of zero": Fault(
        _rate("SGD(self.parameters(), lr=0.0)"),
        _rate("SGD(self.parameters(), lr=0.1)"),
        "failed",
        r"^no trainable parameter changed: .* \(learning rate 0\)$",
    ),
    "frozen parameters in the optimizer": Fault(
        _rate("SGD(self.parameters(), lr=0.1)", "self.layer.bias.requires_grad_(False)"),
        _rate("SGD([self.layer.weight], lr=0.1)", "self.layer.bias.requires_grad_(False)"),
        "verified",
        r"^frozen, and in an optimizer: layer\.bias$",
    ),
    "parameters in no optimizer": Fault(
        _rate("SGD([self.layer.weight], lr=0.1)"),
        _rate("SGD(self.parameters(), lr=0.1)"),
        "verified",
        r"^in no optimizer: layer\.bias$",
    ),
    "loss of no parameter": Fault(
        _step("return torch.rand(1, requires_grad=True).sum()"),
        _HEALTHY,
        "failed",
        r"^all gradients are none: layer\.",
    ),
    "loss not a number": Fault(
        _step("return self.loss_of(batch) * float('nan')"),
        _HEALTHY,
        "failed",
        r"^the loss is nan$",
    ),
    "exploded gradients": Fault(
        _step("return 1e9 * self.loss_of(batch)"),
        _step("return 1e3 * self.loss_of(batch)"),
        "verified",
        r"^the gradient of layer\.\w+ reaches \d",
    ),
    "monitor of nothing": Fault(
        _watched("val_acc"),
        _watched("val_loss"),
        "failed",
        r"^ModelCheckpoint watches val_acc, and logged is val_loss$",
    ),
    "validation data without a step": Fault(
        {"step": _PLAIN, "main": _BOTH},
        {"step": _VALIDATES, "main": _BOTH},
        "verified",
        r"^Net has no validation_step: its validation data is never looked at$",
    ),
    "two loaders without dataloader_idx": Fault(
        _two_loaders("batch, batch_idx"),
        _two_loaders("batch, batch_idx, dataloader_idx"),
        "failed",
        r"multiple `val_dataloader.*no `dataloader_idx`|dataloader_idx",
    ),
    "batch norm, batches of one": Fault(
        _normed("DataLoader(Rows(), batch_size=1)"),
        _normed("DataLoader(Rows(), batch_size=2)"),
        "failed",
        r"Expected more than 1 value per channel",
        naive=False,
    ),
    "batch norm, last batch of one": Fault(
        _normed("DataLoader(Rows(33), batch_size=8)"),
        _normed("DataLoader(Rows(33), batch_size=8, drop_last=True)"),
        "verified",
        r"^the last batch has one row \(33 by 8\), of which norm \(BatchNorm1d\) has no average",
    ),
    "float64 (fails on MPS)": Fault(
        _step(
            "return self.loss_of((batch[0].float(), batch[1]))",
            extra="""
class Wide(Rows):
    def __getitem__(self, index):
        return self.x[index].double(), self.y[index]
""",
            main=_FIT.replace("Rows()", "Wide()"),
        ),
        _HEALTHY,
        "verified",
        r"^the batch holds float64, which no MPS device has$",
    ),
    ".cuda() in the module": Fault(
        _step("return self.loss_of([part.cuda() for part in batch])"),
        _step("return self.loss_of([part.to(self.device) for part in batch])"),
        "not verifiable",
        r"^the code asks for a CUDA device by itself at train\.py:\d+, and this machine has none: "
        r"with self\.device there",
        naive=False,
        without_cuda=True,
    ),
    "tensor on the wrong device (fails on a GPU)": Fault(
        _step("""
noise = torch.randn(len(batch[0]), 10)
return self.loss_of((batch[0] + 0.1 * noise, batch[1]))
"""),
        _step("""
noise = torch.randn(len(batch[0]), 10).to(self.device) + torch.zeros(10, device=self.device)
return self.loss_of((batch[0] + noise + torch.rand(8, 10).type_as(noise), batch[1]))
"""),
        "verified",
        r"^a tensor made without device= at train\.py:\d+ meets one of the batch .* at train\.py:",
    ),
    "workers that never deliver": Fault(
        _workers("True"),
        _workers("False"),
        "failed",
        r"^no progress for 8 s after 'fit entered' at train\.py:\d+, where a DataLoader waits for "
        r"its workers",
        naive=None,
        options={"timeout": 8.0},
    ),
    "two optimizer steps per batch": Fault(
        _step("""
loss = self.loss_of(batch)
self.optimizers().step()
return loss
"""),
        _HEALTHY,
        "failed",
        r"^2 optimizer steps for one batch$",
    ),
    "raw dataset": Fault(
        {
            "step": """
    def training_step(self, batch, batch_idx):
        x, y = batch
        return nn.functional.cross_entropy(self.layer(x[None]), y[None])
    """,
            "main": _FIT.replace(LOADER, "Rows()"),
        },
        _HEALTHY,
        "failed",
        r"^a raw Dataset, Rows, is given as train_dataloaders at train\.py:\d+",
    ),
    "batch lost on its way": Fault(
        _carried("pass"),
        _carried("return super().transfer_batch_to_device(batch, device, dataloader_idx)"),
        "failed",
        r"^Trainer\.fit came back without training a batch: the batch is None, which Lightning skips",
    ),
    "nothing returned": Fault(
        _step("self.loss_of(batch)"),
        _HEALTHY,
        "failed",
        r"^training_step at train\.py:\d+ returned None$",
    ),
    "own backward and step": Fault(
        _step("""
loss = self.loss_of(batch)
self.optimizers().zero_grad()
loss.backward()
self.optimizers().step()
"""),
        _HEALTHY,
        "failed",
        r"^training_step at train\.py:\d+ returned None$",
    ),
    "swapped hook parameters": Fault(
        _step(
            "return self.loss_of(batch)",
            extra="""
class Watch(pl.Callback):
    def on_train_batch_end(self, trainer, pl_module, batch, outputs, batch_idx):
        self.last = outputs
""",
            main=f"{_SMOKE.format(', callbacks=[Watch()]')}.fit(Net(), {LOADER})",
        ),
        _step(
            "return self.loss_of(batch)",
            extra="""
class Watch(pl.Callback):
    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        self.last = outputs
""",
            main=f"{_SMOKE.format(', callbacks=[Watch()]')}.fit(Net(), {LOADER})",
        ),
        "failed",
        r"^Watch\.on_train_batch_end at train\.py:\d+ takes batch, outputs in another order",
    ),
}
