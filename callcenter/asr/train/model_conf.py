"""The text of conf/model.conf: how the decoder searches and when an utterance ends. Pure."""

from __future__ import annotations

MODEL_CONF = """\
--min-active=200
--max-active=1500
--beam=13.0
--lattice-beam=5.0
--acoustic-scale=0.45
--frame-subsampling-factor=3
--frames-per-chunk=21
--endpoint.silence-phones=1
--endpoint.rule2.min-trailing-silence=0.5
--endpoint.rule3.min-trailing-silence=0.75
--endpoint.rule4.min-trailing-silence=1.0
"""
