"""A model with one optimizer: it learns to take noise away, and keeps an average of its weights."""

import contextlib
import copy

import pytorch_lightning as pl
import torch
import torch.nn.functional as F
from pytorch_lightning.utilities.distributed import rank_zero_only
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

from tiny.config import instantiate_from_config


class Average(nn.Module):
    def __init__(self, model, decay=0.9):
        super().__init__()
        self.decay = decay
        self.shadow = copy.deepcopy(model).requires_grad_(False)

    def forward(self, model):
        for kept, new in zip(self.shadow.parameters(), model.parameters()):
            kept.lerp_(new.detach(), 1 - self.decay)


class WarmUp:
    def __init__(self, steps):
        self.steps = steps

    def schedule(self, n, **kwargs):
        return min(1.0, (n + 1) / self.steps)


class Denoiser(pl.LightningModule):
    def __init__(self, size=8, width=16, noise=0.3, image_key="image", monitor=None, use_ema=True,
                 scale_by_std=False, scheduler_config=None):
        super().__init__()
        self.image_key = image_key
        self.noise = noise
        self.scale_by_std = scale_by_std
        self.register_buffer("scale_factor", torch.tensor(1.0))
        self.model = nn.Sequential(nn.Linear(size * size, width), nn.Tanh(), nn.Linear(width, size * size))
        self.use_ema = use_ema
        if self.use_ema:
            self.model_ema = Average(self.model)
        self.use_scheduler = scheduler_config is not None
        self.scheduler_config = scheduler_config
        if monitor is not None:
            self.monitor = monitor

    @contextlib.contextmanager
    def ema_scope(self):
        trained = self.model
        self.model = self.model_ema.shadow
        try:
            yield
        finally:
            self.model = trained

    def get_input(self, batch, key):
        return batch[key].flatten(1) * self.scale_factor

    @rank_zero_only
    @torch.no_grad()
    def on_train_batch_start(self, batch, batch_idx, dataloader_idx):
        if self.scale_by_std and self.current_epoch == 0 and self.global_step == 0 and batch_idx == 0:
            self.scale_factor.fill_(1.0 / batch[self.image_key].std())

    def forward(self, x):
        return self.model(x)

    def shared_step(self, batch):
        x = self.get_input(batch, self.image_key)
        generator = torch.Generator().manual_seed(5)
        noise = torch.randn(x.shape, generator=generator) * self.noise
        prefix = "train" if self.training else "val"
        loss = F.mse_loss(self(x + noise), x)
        return loss, {f"{prefix}/loss_simple": loss, f"{prefix}/loss": loss}

    def training_step(self, batch, batch_idx):
        loss, loss_dict = self.shared_step(batch)
        self.log_dict(loss_dict, prog_bar=True, logger=True, on_step=True, on_epoch=True)
        self.log("global_step", float(self.global_step), prog_bar=True, logger=True, on_step=True, on_epoch=False)
        if self.use_scheduler:
            lr = self.optimizers().param_groups[0]["lr"]
            self.log("lr_abs", lr, prog_bar=True, logger=True, on_step=True, on_epoch=False)
        return loss

    @torch.no_grad()
    def validation_step(self, batch, batch_idx):
        _, loss_dict_no_ema = self.shared_step(batch)
        with self.ema_scope():
            _, loss_dict_ema = self.shared_step(batch)
            loss_dict_ema = {key + "_ema": loss_dict_ema[key] for key in loss_dict_ema}
        self.log_dict(loss_dict_no_ema, prog_bar=False, logger=True, on_step=False, on_epoch=True)
        self.log_dict(loss_dict_ema, prog_bar=False, logger=True, on_step=False, on_epoch=True)

    def test_step(self, batch, batch_idx):
        loss, _ = self.shared_step(batch)
        self.log("test/loss", loss)

    def on_train_batch_end(self, *args, **kwargs):
        if self.use_ema:
            self.model_ema(self.model)

    def log_images(self, batch, split="train", **kwargs):
        x = self.get_input(batch, self.image_key)
        return {"inputs": x, "cleaned": self(x)}

    def configure_optimizers(self):
        opt = torch.optim.AdamW(self.model.parameters(), lr=self.learning_rate)
        if not self.use_scheduler:
            return opt
        warm_up = instantiate_from_config(self.scheduler_config)
        scheduler = [
            {
                "scheduler": LambdaLR(opt, lr_lambda=warm_up.schedule),
                "interval": "step",
                "frequency": 1,
            }
        ]
        return [opt], scheduler
