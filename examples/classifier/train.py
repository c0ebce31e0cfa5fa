import argparse

import pytorch_lightning as pl
import torch

from shapes import (
    ShapeAutoencoder,
    ShapeClassifier,
    ShapesDataModule,
    ShapesDataset,
    ThroughputMeter,
)


def parse_args():
    parser = argparse.ArgumentParser(description="Learn to tell discs, squares and crosses apart.")
    parser.add_argument("--task", choices=["classify", "redraw"], default="classify")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--length", type=int, default=2048)
    parser.add_argument("--lr", type=float, default=1e-2)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def main():
    args = parse_args()
    pl.seed_everything(args.seed)

    model = ShapeClassifier(lr=args.lr) if args.task == "classify" else ShapeAutoencoder(lr=args.lr)
    datamodule = ShapesDataModule(args.length, args.batch_size, args.seed)
    trainer = pl.Trainer(
        max_epochs=args.epochs,
        gpus=1 if torch.cuda.is_available() else 0,
        precision=16 if torch.cuda.is_available() else 32,
        log_every_n_steps=4,
        callbacks=[ThroughputMeter()],
    )
    trainer.fit(model, datamodule=datamodule)

    unseen = ShapesDataset(args.length, seed=args.seed + 1)
    trainer.test(model, unseen)


if __name__ == "__main__":
    main()
