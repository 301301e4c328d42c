"""Tiny transformers with random weights, written to a folder: pretrained models that need no network."""

import json
import string

import torch
from spacy.util import registry
from tokenizers.pre_tokenizers import ByteLevel
from transformers import BertConfig, BertModel, BertTokenizerFast, RobertaConfig, RobertaModel, RobertaTokenizerFast

from spacy_mtl.encoders.pretrained.model import get_transformer

WIDTH = 16
POSITIONS = 64
SIZES = {"hidden_size": WIDTH, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32,
         "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0,
         "initializer_range": 0.4}  # fmt: skip
WORDS = ["mira", "paints", "boats", "in", "oslo", "otto", "sleeps", "rain", "##ing", "the"]
PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *string.ascii_lowercase, *string.digits, *"./:-!?,_",
          *(f"##{letter}" for letter in string.ascii_lowercase + string.digits), *WORDS]  # fmt: skip


def write_bert(folder, normalizer=None, max_length=None, **settings):
    """Write a BERT whose wordpieces are some words, and letters for all else."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(PIECES), encoding="utf8")
    lengths = {} if max_length is None else {"model_max_length": max_length}
    tokenizer = BertTokenizerFast(str(folder / "vocab.txt"), do_lower_case=True, **lengths)
    if normalizer is not None:
        tokenizer.backend_tokenizer.normalizer = normalizer
    tokenizer.save_pretrained(folder)
    config = {"vocab_size": len(PIECES), "max_position_embeddings": POSITIONS, **SIZES, **settings}
    torch.manual_seed(0)
    BertModel(BertConfig(**config)).save_pretrained(folder)
    return str(folder)


def write_roberta(folder, **settings):
    """Write a RoBERTa whose wordpieces are bytes, spaces among them."""
    folder.mkdir(parents=True, exist_ok=True)
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", *sorted(ByteLevel.alphabet())]
    vocab = {piece: i for i, piece in enumerate(pieces)}
    (folder / "vocab.json").write_text(json.dumps(vocab), encoding="utf8")
    (folder / "merges.txt").write_text("#version: 0.2\n", encoding="utf8")
    RobertaTokenizerFast(str(folder / "vocab.json"), str(folder / "merges.txt")).save_pretrained(folder)
    config = {"vocab_size": len(vocab), "max_position_embeddings": POSITIONS, **SIZES, **settings}
    torch.manual_seed(0)
    RobertaModel(RobertaConfig(**config)).save_pretrained(folder)
    return str(folder)


def stock_config(name, **settings):
    """The config of spacy-transformers' own layer."""
    return {
        "@architectures": "spacy-transformers.Tok2VecTransformer.v3",
        "name": name,
        "tokenizer_config": {"use_fast": True},
        "get_spans": {"@span_getters": "spacy-transformers.doc_spans.v1"},
        "pooling": {"@layers": "reduce_mean.v1"},
        **settings,
    }


def encoder_config(name, stock=None, **settings):
    """The config of the encoder around spacy-transformers' layer."""
    return {
        "@architectures": "spacy-mtl.PretrainedEncoder.v1",
        "transformer": stock_config(name, **(stock or {})),
        "window": 40,
        "overlap": 12,
        **settings,
    }


def make_stock(name, **settings):
    """Spacy-transformers' own layer, not initialized."""
    return registry.resolve({"model": stock_config(name, **settings)})["model"]


def make_encoder(name, **settings):
    """An encoder, not initialized."""
    return registry.resolve({"model": encoder_config(name, **settings)})["model"]


def get_shim(model):
    """The shim of the transformer within a model."""
    return get_transformer(model).layers[0].shims[0]


def get_weights(model):
    """Copies of the parameters of the transformer within a model, by their names."""
    return {name: weights.detach().numpy().copy() for name, weights in get_shim(model)._model.named_parameters()}
