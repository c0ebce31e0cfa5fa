"""Tracebacks are read in whatever dress they come."""

from __future__ import annotations

import pytest
from lfix.codemods.tracebacks.pasted import Frame, raised_in

_PLAIN = """Epoch 0:   0%|          | 0/10 [00:00<?, ?it/s]
Traceback (most recent call last):
  File "/home/me/proj/train.py", line 12, in <module>
    main()
  File "/home/me/proj/train.py", line 9, in main
    trainer = Trainer(gpus=1)
  File "/opt/env/lib/python3.10/site-packages/lightning/x.py", line 70, in insert_env_defaults
    return fn(self, **kwargs)
TypeError: Trainer.__init__() got an unexpected keyword argument 'gpus'
"""
_LAST = "TypeError: Trainer.__init__() got an unexpected keyword argument 'gpus'"
_AT = Frame("/home/me/proj/train.py", 9)


def _each(text: str, before: str, after: str = "") -> str:
    return "".join(f"{before}{line}{after}\n" for line in text.splitlines())


@pytest.mark.parametrize(
    "text",
    [
        _PLAIN,
        _PLAIN.replace("\n", "\r\n"),
        _each(_PLAIN, "[rank0]: "),
        _each(_PLAIN, "[1]: "),
        _each(_PLAIN, "> "),
        _each(_PLAIN, "\x1b[31m", "\x1b[0m"),
        _each(_PLAIN, "(train pid=1234) "),
        _each(_PLAIN, "2024-01-31 10:11:12,123 ERROR "),
        _each(_PLAIN, "│ ", " │"),
        "Le programme dit :\n\n" + _PLAIN + "\nmerci !\n",
        _PLAIN.replace("'gpus'", "\u2018gpus\u2019"),
        _PLAIN.replace("'gpus'", "\u00ab\u00a0gpus\u00a0\u00bb"),
    ],
    ids=[
        *("plain", "windows", "rank", "torchrun", "mail", "colours", "ray", "log", "box"),
        *("prose", "word processor", "french"),
    ],
)
def test_dresses(text: str) -> None:
    (raised,) = raised_in(text)
    assert raised.text == _LAST
    assert raised.at == _AT


def test_ipython() -> None:
    text = """
---------------------------------------------------------------------------
MisconfigurationException                 Traceback (most recent call last)
Cell In[3], line 5
      3 model = Net()
----> 5 trainer.fit(model)

File /opt/env/lib/python3.11/site-packages/lightning/pytorch/trainer/trainer.py:560, in Trainer.fit
    558     self.training = True
--> 560     call._call_and_handle_interrupt(

MisconfigurationException: No `training_step()` method defined. Lightning `Trainer` expects
 as minimum a `training_step()`, `train_dataloader()` and `configure_optimizers()` to be defined.
"""
    raised = raised_in(text)[0]
    assert raised.kind == "MisconfigurationException"
    assert raised.message.endswith("`configure_optimizers()` to be defined.")
    assert raised.at == Frame("In[3]", 5)


def test_old_ipython() -> None:
    text = """
<ipython-input-7-3b1f0e> in <module>
      1 trainer = Trainer()
----> 2 trainer.fit(net)

~/proj/net.py in training_step(self, batch, batch_idx)
     40     def training_step(self, batch, batch_idx):
---> 41         return self.loss(batch)

AttributeError: 'Net' object has no attribute 'loss'
"""
    (raised,) = raised_in(text)
    assert raised.frames == (Frame("<ipython-input-7-3b1f0e>", 2), Frame("~/proj/net.py", 41))


def test_the_last_of_a_chain_comes_first() -> None:
    text = """Traceback (most recent call last):
  File "a.py", line 1, in <module>
    {}["x"]
KeyError: 'x'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "a.py", line 3, in <module>
    trainer.fit(net)
pytorch_lightning.utilities.exceptions.MisconfigurationException: no
"""
    last, first = raised_in(text)
    assert (last.kind, last.message, last.at) == (
        "MisconfigurationException",
        "no",
        Frame("a.py", 3),
    )
    assert (first.text, first.at) == ("KeyError: 'x'", Frame("a.py", 1))


@pytest.mark.parametrize("text", ["", "all went well\n", "Error\n\x00\x1b[", "\u00ab" * 1000])
def test_no_traceback(text: str) -> None:
    assert all(not r.message for r in raised_in(text))
