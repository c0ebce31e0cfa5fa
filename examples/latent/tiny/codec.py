"""A model with two optimizers: an autoencoder, and a critic that tells its pictures from real ones."""

import pytorch_lightning as pl
import torch
import torch.nn.functional as F
from torch import nn


class Objective(nn.Module):
    """The loss of both; the critic joins in after some steps."""

    def __init__(self, size=8, start=4, weight=0.1):
        super().__init__()
        self.start = start
        self.weight = weight
        self.critic = nn.Sequential(nn.Linear(size * size, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1))

    def forward(self, inputs, reconstructions, optimizer_idx, global_step, split):
        factor = self.weight if global_step >= self.start else 0.0
        if optimizer_idx == 0:
            distance = F.l1_loss(reconstructions, inputs)
            fooling = -self.critic(reconstructions).mean()
            loss = distance + factor * fooling
            return loss, {f"{split}/rec_loss": distance.detach(), f"{split}/g_loss": fooling.detach()}
        real = self.critic(inputs.detach())
        fake = self.critic(reconstructions.detach())
        loss = factor * 0.5 * (F.relu(1.0 - real).mean() + F.relu(1.0 + fake).mean())
        return loss, {f"{split}/disc_loss": loss.detach()}


class Codec(pl.LightningModule):
    def __init__(self, size=8, hidden=6, start=4, image_key="image", monitor=None):
        super().__init__()
        self.image_key = image_key
        self.encoder = nn.Linear(size * size, hidden)
        self.decoder = nn.Linear(hidden, size * size)
        self.loss = Objective(size, start)
        if monitor is not None:
            self.monitor = monitor

    def forward(self, x):
        return self.decoder(torch.tanh(self.encoder(x)))

    def get_input(self, batch, key):
        return batch[key].flatten(1)

    def training_step(self, batch, batch_idx, optimizer_idx):
        inputs = self.get_input(batch, self.image_key)
        reconstructions = self(inputs)

        if optimizer_idx == 0:
            # the autoencoder
            aeloss, log_dict_ae = self.loss(inputs, reconstructions, optimizer_idx, self.global_step, split="train")
            self.log("aeloss", aeloss, prog_bar=True, logger=True, on_step=True, on_epoch=True)
            self.log_dict(log_dict_ae, prog_bar=False, logger=True, on_step=True, on_epoch=False)
            return aeloss

        if optimizer_idx == 1:
            # the critic
            discloss, log_dict_disc = self.loss(inputs, reconstructions, optimizer_idx, self.global_step, split="train")
            self.log("discloss", discloss, prog_bar=True, logger=True, on_step=True, on_epoch=True)
            self.log_dict(log_dict_disc, prog_bar=False, logger=True, on_step=True, on_epoch=False)
            return discloss

    def validation_step(self, batch, batch_idx):
        inputs = self.get_input(batch, self.image_key)
        reconstructions = self(inputs)
        _, log_dict_ae = self.loss(inputs, reconstructions, 0, self.global_step, split="val")
        _, log_dict_disc = self.loss(inputs, reconstructions, 1, self.global_step, split="val")
        self.log("val/rec_loss", log_dict_ae["val/rec_loss"])
        self.log_dict(log_dict_disc)
        return self.log_dict

    def test_step(self, batch, batch_idx):
        inputs = self.get_input(batch, self.image_key)
        self.log("test/rec_loss", F.l1_loss(self(inputs), inputs))

    def log_images(self, batch, split="train", **kwargs):
        x = self.get_input(batch, self.image_key)
        return {"inputs": x, "reconstructions": self(x)}

    def configure_optimizers(self):
        lr = self.learning_rate
        opt_ae = torch.optim.Adam(
            list(self.encoder.parameters()) + list(self.decoder.parameters()), lr=lr, betas=(0.5, 0.9)
        )
        opt_disc = torch.optim.Adam(self.loss.critic.parameters(), lr=lr, betas=(0.5, 0.9))
        return [opt_ae, opt_disc], []
