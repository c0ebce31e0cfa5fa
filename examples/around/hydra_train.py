import hydra
import pytorch_lightning as pl
from omegaconf import DictConfig

from shapes import ShapeClassifier, ShapesDataModule


@hydra.main(config_path="conf", config_name="config")
def main(cfg: DictConfig):
    pl.seed_everything(cfg.seed)
    trainer = hydra.utils.instantiate(cfg.trainer)
    trainer.fit(ShapeClassifier(lr=cfg.lr), datamodule=ShapesDataModule(cfg.length))


if __name__ == "__main__":
    main()
