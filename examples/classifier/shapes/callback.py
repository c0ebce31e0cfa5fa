import time

import pytorch_lightning as pl


class ThroughputMeter(pl.Callback):
    """Logs how many images a second went through training."""

    def __init__(self, every_n_batches=4):
        self.every_n_batches = every_n_batches
        self.images = 0
        self.since = None

    def on_train_epoch_start(self, trainer, pl_module):
        self.images = 0
        self.since = time.perf_counter()

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx, dataloader_idx):
        images, _ = batch
        self.images += len(images)
        if (batch_idx + 1) % self.every_n_batches == 0:
            pl_module.log("images_per_second", self.images / (time.perf_counter() - self.since))
