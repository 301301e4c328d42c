"""Configs of joint pipelines, written for the tasks, the encoder and the corpora that somebody has.

From outside: `choose` and `write_config`.
"""
