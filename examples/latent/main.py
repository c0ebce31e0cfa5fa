import argparse
import datetime
import glob
import os
import signal
import sys
import time
from functools import partial

import numpy as np
import pytorch_lightning as pl
import torch
import yaml
from pytorch_lightning import seed_everything
from pytorch_lightning.callbacks import Callback, LearningRateMonitor, ModelCheckpoint
from pytorch_lightning.trainer import Trainer
from pytorch_lightning.utilities import rank_zero_info
from pytorch_lightning.utilities.distributed import rank_zero_only
from torch.utils.data import DataLoader

from tiny.config import Config, from_dotlist, instantiate_from_config, load, merge


def get_parser(**parser_kwargs):
    parser = argparse.ArgumentParser(**parser_kwargs)
    parser.add_argument("-n", "--name", type=str, default="", help="what the log folder is called")
    parser.add_argument("-r", "--resume", type=str, default="", help="a log folder to go on with")
    parser.add_argument("-b", "--base", nargs="*", default=[], help="YAML files, the later ones win")
    parser.add_argument("-t", "--train", action="store_true", help="train")
    parser.add_argument("--no-test", action="store_true", help="leave the test away")
    parser.add_argument("-d", "--debug", action="store_true", help="move the log folder aside")
    parser.add_argument("-s", "--seed", type=int, default=23)
    parser.add_argument("-l", "--logdir", type=str, default="logs")
    parser.add_argument("--no-scale-lr", action="store_true", help="take the learning rate as it is")
    return parser


def nondefault_trainer_args(opt):
    parser = argparse.ArgumentParser()
    parser = Trainer.add_argparse_args(parser)
    args = parser.parse_args([])
    return sorted(k for k in vars(args) if getattr(opt, k) != getattr(args, k))


class DataModuleFromConfig(pl.LightningDataModule):
    def __init__(self, batch_size, train=None, validation=None, test=None, num_workers=0):
        super().__init__()
        self.batch_size = batch_size
        self.num_workers = num_workers
        self.dataset_configs = {}
        if train is not None:
            self.dataset_configs["train"] = train
            self.train_dataloader = partial(self._loader, "train")
        if validation is not None:
            self.dataset_configs["validation"] = validation
            self.val_dataloader = partial(self._loader, "validation")
        if test is not None:
            self.dataset_configs["test"] = test
            self.test_dataloader = partial(self._loader, "test")

    def prepare_data(self):
        for data_cfg in self.dataset_configs.values():
            instantiate_from_config(data_cfg)

    def setup(self, stage=None):
        self.datasets = {k: instantiate_from_config(v) for k, v in self.dataset_configs.items()}

    def _loader(self, name):
        return DataLoader(self.datasets[name], batch_size=self.batch_size, num_workers=self.num_workers)


class SetupCallback(Callback):
    def __init__(self, resume, now, logdir, ckptdir, cfgdir, config, lightning_config):
        super().__init__()
        self.resume = resume
        self.now = now
        self.logdir = logdir
        self.ckptdir = ckptdir
        self.cfgdir = cfgdir
        self.config = config
        self.lightning_config = lightning_config

    def on_keyboard_interrupt(self, trainer, pl_module):
        if trainer.global_rank == 0:
            print("Saving before the end.")
            trainer.save_checkpoint(os.path.join(self.ckptdir, "last.ckpt"))

    def on_pretrain_routine_start(self, trainer, pl_module):
        if trainer.global_rank == 0:
            os.makedirs(self.logdir, exist_ok=True)
            os.makedirs(self.ckptdir, exist_ok=True)
            os.makedirs(self.cfgdir, exist_ok=True)
            print("Project config")
            print(sorted(self.config))
            with open(os.path.join(self.cfgdir, f"{self.now}-project.yaml"), "w") as file:
                yaml.safe_dump(plain(self.config), file)


def plain(config):
    return {k: plain(v) if isinstance(v, dict) else v for k, v in config.items()}


class ImageLogger(Callback):
    def __init__(self, batch_frequency, max_images, disabled=False, log_first_step=False):
        super().__init__()
        self.batch_freq = batch_frequency
        self.max_images = max_images
        self.disabled = disabled
        self.log_first_step = log_first_step
        self.logger_log_images = {
            pl.loggers.TestTubeLogger: self._testtube,
            pl.loggers.CSVLogger: self._csv,
        }

    @rank_zero_only
    def _testtube(self, pl_module, images, batch_idx, split):
        for k in images:
            tag = f"{split}/{k}"
            pl_module.logger.experiment.add_image(tag, images[k][None], global_step=pl_module.global_step)

    @rank_zero_only
    def _csv(self, pl_module, images, batch_idx, split):
        means = {f"{split}/{k}": float(images[k].mean()) for k in images}
        pl_module.logger.experiment.log_metrics(means, step=batch_idx)

    @rank_zero_only
    def log_local(self, save_dir, split, images, global_step, current_epoch, batch_idx):
        root = os.path.join(save_dir, "images", split)
        os.makedirs(root, exist_ok=True)
        for k in images:
            name = f"{k}_gs-{global_step:06}_e-{current_epoch:06}_b-{batch_idx:06}.npy"
            np.save(os.path.join(root, name), images[k].numpy())

    def log_img(self, pl_module, batch, batch_idx, split="train"):
        if batch_idx % self.batch_freq or not hasattr(pl_module, "log_images"):
            return
        logger = type(pl_module.logger)
        is_train = pl_module.training
        if is_train:
            pl_module.eval()
        with torch.no_grad():
            images = pl_module.log_images(batch, split=split)
        for k in images:
            images[k] = images[k][: self.max_images].detach().cpu().clamp(-1.0, 1.0)
        self.log_local(
            pl_module.logger.save_dir, split, images, pl_module.global_step, pl_module.current_epoch, batch_idx
        )
        log_images = self.logger_log_images.get(logger, lambda *args, **kwargs: None)
        log_images(pl_module, images, batch_idx, split)
        if is_train:
            pl_module.train()

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx, dataloader_idx):
        if not self.disabled and (pl_module.global_step > 0 or self.log_first_step):
            self.log_img(pl_module, batch, batch_idx, split="train")

    def on_validation_batch_end(self, trainer, pl_module, outputs, batch, batch_idx, dataloader_idx):
        if not self.disabled and pl_module.global_step > 0:
            self.log_img(pl_module, batch, batch_idx, split="val")


class CUDACallback(Callback):
    def on_train_epoch_start(self, trainer, pl_module):
        if torch.cuda.is_available():
            torch.cuda.reset_peak_memory_stats(trainer.root_gpu)
            torch.cuda.synchronize(trainer.root_gpu)
        self.start_time = time.time()

    def on_train_epoch_end(self, trainer, pl_module, outputs=None):
        max_memory = 0.0
        if torch.cuda.is_available():
            torch.cuda.synchronize(trainer.root_gpu)
            max_memory = torch.cuda.max_memory_allocated(trainer.root_gpu) / 2**20
        epoch_time = time.time() - self.start_time
        try:
            max_memory = trainer.training_type_plugin.reduce(max_memory)
            epoch_time = trainer.training_type_plugin.reduce(epoch_time)
            rank_zero_info(f"Average epoch time: {epoch_time:.2f} seconds, peak memory {max_memory:.2f} MiB")
        except AttributeError:
            pass


if __name__ == "__main__":
    now = datetime.datetime.now().strftime("%Y-%m-%dT%H-%M-%S")
    # makes main.DataModuleFromConfig an import path
    sys.path.append(os.getcwd())

    parser = get_parser()
    parser = Trainer.add_argparse_args(parser)

    opt, unknown = parser.parse_known_args()
    if opt.name and opt.resume:
        raise ValueError(
            "--name and --resume do not go together; to go on in a new folder, use --name with --resume_from_checkpoint"
        )
    if opt.resume:
        logdir = opt.resume.rstrip("/")
        opt.resume_from_checkpoint = os.path.join(logdir, "checkpoints", "last.ckpt")
        opt.base = sorted(glob.glob(os.path.join(logdir, "configs/*.yaml"))) + opt.base
        nowname = os.path.basename(logdir)
    else:
        nowname = now + ("_" + opt.name if opt.name else "")
        logdir = os.path.join(opt.logdir, nowname)

    ckptdir = os.path.join(logdir, "checkpoints")
    cfgdir = os.path.join(logdir, "configs")
    seed_everything(opt.seed)

    try:
        configs = [load(cfg) for cfg in opt.base]
        cli = from_dotlist(unknown)
        config = merge(*configs, cli)
        project = merge(config)
        lightning_config = config.pop("lightning", Config())
        # what the command line says wins over the files
        trainer_config = lightning_config.get("trainer", Config())
        trainer_config["accelerator"] = "ddp"
        for k in nondefault_trainer_args(opt):
            trainer_config[k] = getattr(opt, k)
        if not "gpus" in trainer_config:
            del trainer_config["accelerator"]
            cpu = True
        else:
            gpuinfo = trainer_config["gpus"]
            print(f"Running on GPUs {gpuinfo}")
            cpu = False
        trainer_opt = argparse.Namespace(**trainer_config)
        lightning_config.trainer = trainer_config

        model = instantiate_from_config(config.model)

        trainer_kwargs = dict()

        default_logger_cfgs = {
            "csv": {
                "target": "pytorch_lightning.loggers.CSVLogger",
                "params": {"name": "csv", "save_dir": logdir},
            },
            "testtube": {
                "target": "pytorch_lightning.loggers.TestTubeLogger",
                "params": {"name": "testtube", "save_dir": logdir},
            },
        }
        logger_cfg = merge(default_logger_cfgs["csv"], lightning_config.get("logger", Config()))
        trainer_kwargs["logger"] = instantiate_from_config(logger_cfg)

        default_modelckpt_cfg = {
            "target": "pytorch_lightning.callbacks.ModelCheckpoint",
            "params": {"dirpath": ckptdir, "filename": "{epoch:06}", "verbose": True, "save_last": True},
        }
        if hasattr(model, "monitor"):
            print(f"Monitoring {model.monitor} as checkpoint metric.")
            default_modelckpt_cfg["params"]["monitor"] = model.monitor
            default_modelckpt_cfg["params"]["save_top_k"] = 3

        default_callbacks_cfg = {
            "setup_callback": {
                "target": "main.SetupCallback",
                "params": {
                    "resume": opt.resume,
                    "now": now,
                    "logdir": logdir,
                    "ckptdir": ckptdir,
                    "cfgdir": cfgdir,
                    "config": project,
                    "lightning_config": lightning_config,
                },
            },
            "image_logger": {
                "target": "main.ImageLogger",
                "params": {"batch_frequency": 750, "max_images": 4},
            },
            "learning_rate_logger": {
                "target": "main.LearningRateMonitor",
                "params": {"logging_interval": "step"},
            },
            "cuda_callback": {"target": "main.CUDACallback"},
            "checkpoint_callback": default_modelckpt_cfg,
        }
        callbacks_cfg = merge(default_callbacks_cfg, lightning_config.get("callbacks", Config()))
        trainer_kwargs["callbacks"] = [instantiate_from_config(callbacks_cfg[k]) for k in callbacks_cfg]

        if not "plugins" in trainer_kwargs:
            trainer_kwargs["plugins"] = list()
        if not cpu and not lightning_config.get("find_unused_parameters", True):
            from pytorch_lightning.plugins import DDPPlugin

            trainer_kwargs["plugins"].append(DDPPlugin(find_unused_parameters=False))

        trainer = Trainer.from_argparse_args(trainer_opt, **trainer_kwargs)
        trainer.logdir = logdir

        data = instantiate_from_config(config.data)
        data.prepare_data()
        data.setup()
        for k in data.datasets:
            print(f"{k}, {data.datasets[k].__class__.__name__}, {len(data.datasets[k])}")

        bs, base_lr = config.data.params.batch_size, config.model.base_learning_rate
        if not cpu:
            ngpu = len(lightning_config.trainer.gpus.strip(",").split(","))
        else:
            ngpu = 1
        if "accumulate_grad_batches" in lightning_config.trainer:
            accumulate_grad_batches = lightning_config.trainer.accumulate_grad_batches
        else:
            accumulate_grad_batches = 1
        lightning_config.trainer.accumulate_grad_batches = accumulate_grad_batches
        if not opt.no_scale_lr:
            model.learning_rate = accumulate_grad_batches * ngpu * bs * base_lr
        else:
            model.learning_rate = base_lr

        def melk(*args, **kwargs):
            if trainer.global_rank == 0:
                print("Saving before the end.")
                trainer.save_checkpoint(os.path.join(ckptdir, "last.ckpt"))

        def divein(*args, **kwargs):
            if trainer.global_rank == 0:
                import pdb

                pdb.set_trace()

        signal.signal(signal.SIGUSR1, melk)
        signal.signal(signal.SIGUSR2, divein)

        if opt.train:
            try:
                trainer.fit(model, data)
            except Exception:
                melk()
                raise
        if not opt.no_test and not trainer.interrupted:
            trainer.test(model, data)
    except Exception:
        if opt.debug and trainer.global_rank == 0:
            import pdb as debugger

            debugger.post_mortem()
        raise
    finally:
        if opt.debug and not opt.resume and trainer.global_rank == 0:
            aside = os.path.join(os.path.dirname(logdir), "debug_runs", nowname)
            os.makedirs(os.path.dirname(aside), exist_ok=True)
            os.rename(logdir, aside)
        if trainer.global_rank == 0:
            print(trainer.profiler.summary())
