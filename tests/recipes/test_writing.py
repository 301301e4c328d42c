import pytest
from spacy.util import load_model_from_config
from thinc.api import Config

from spacy_mtl.pipeline.extraction.scaffold import WithoutScaffold
from spacy_mtl.pipeline.reading import check_readers
from spacy_mtl.recipes.choices import ENCODERS, Choices, choose
from spacy_mtl.recipes.scores import weigh_scores
from spacy_mtl.recipes.sources import Source
from spacy_mtl.recipes.tasks import Task, parse_tasks
from spacy_mtl.recipes.writing import SCAFFOLD_WEIGHT, change_settings, write_config

ALL = parse_tasks("textcat:genre,ner,srl,dependency,translate,tagger,morphologizer,parser,senter")
TEXT = "# made\n\n[a]\nx = 1\n# why\ny = [1,2]\n\n[a.b]\nx = null\n"


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("sources", [(), (Source("one", ("genre",)), Source("two", ("ner", "srl")))])
@pytest.mark.parametrize("optimize", ["efficiency", "accuracy"])
def test_configs_make_pipelines_whose_heads_listen(encoder, sources, optimize):
    if encoder == "pretrained":
        pytest.importorskip("spacy_transformers")
    elif encoder != "cnn":
        pytest.importorskip("torch")
    config = Config().from_str(write_config(Choices(ALL, sources, encoder=encoder, optimize=optimize)))
    nlp = load_model_from_config(config, auto_fill=True)
    assert nlp.pipe_names == ["tok2vec", *(task.name for task in ALL)]
    assert nlp.get_pipe("tok2vec").listening_components == nlp.pipe_names[1:]
    assert sum(weight or 0 for weight in config["training"]["score_weights"].values()) == pytest.approx(1)
    assert config["training"]["max_steps"] == config["training"]["optimizer"]["learn_rate"]["total_steps"]


def test_every_section_has_one_empty_line_before_it_and_no_line_is_empty_elsewhere():
    for sources in ((), (Source("one", ("genre",)), Source("two"))):
        lines = write_config(Choices(ALL, sources)).split("\n")
        for before, line, after in zip(lines, lines[1:], lines[2:]):
            if not line:
                assert before and (after.startswith(("[", "#")) or not after)
            if line.startswith("["):
                assert not before or before.startswith("#")


def test_sizes_choose_tables_rare_roles_and_the_sampler():
    def read(*words):
        sources = tuple(Source(f"s{i}", ("genre", "ner", "srl")) for i in range(len(words)))
        return Config().from_str(write_config(Choices(ALL[:3], sources, words=words or None)), interpolate=False)

    assert read()["components"]["srl"]["min_role_freq"] == read(500_000)["components"]["srl"]["min_role_freq"] == 10
    small = read(9_000)
    assert small["components"]["srl"]["min_role_freq"] == 3
    assert small["components"]["tok2vec"]["model"]["embed"]["rows"] == [2000, 500, 1000, 500]
    assert read(90_000, 80_000)["training"]["batcher"]["sampler"] == {"@misc": "spacy-mtl.ProportionalSampler.v1"}
    assert read(900_000, 80_000)["training"]["batcher"]["sampler"]["@misc"] == "spacy-mtl.TemperatureSampler.v1"


def test_labels_and_paths_are_written():
    task = Task("topic", "textcat", ('a "b"', "c"), exclusive=False)
    text = write_config(
        Choices((task,), (Source("s", ("topic",), 'x "y".spacy'),), vectors=""), ["my.cfg", "-t", "a b"]
    )
    config = Config().from_str(text)
    assert config["components"]["topic"]["labels"] == ['a "b"', "c"]
    assert config["components"]["topic"]["exclusive"] is False
    assert config["paths"] == {"train": 'x "y".spacy', "dev": None, "vectors": None}
    assert config["components"]["tok2vec"]["model"]["embed"]["include_static_vectors"] is True
    assert text.startswith("# Made by: python -m spacy mtl init-config my.cfg -t 'a b'\n")
    assert "topic_macro_f" in config["training"]["score_weights"]


def test_settings_are_changed_where_they_stand_and_added_where_they_do_not():
    settings = {"a.y": "${a.x}", "a.b.x": [True], "a.z": "new"}
    assert change_settings(TEXT, settings) == (
        '# made\n\n[a]\nx = 1\n# why\ny = ${a.x}\nz = "new"\n\n[a.b]\nx = [true]\n'
    )
    assert change_settings(TEXT, {}) == TEXT


def test_sections_are_replaced_made_and_taken_out():
    settings = {"a.b": {"@misc": "n"}, "a.c": {"k": 1}}
    made = '# made\n\n[a]\nx = 1\n# why\ny = [1,2]\n\n[a.c]\nk = 1\n\n[a.b]\n@misc = "n"\n'
    assert change_settings(TEXT, settings) == made
    assert (
        change_settings(made, {"a.c": None, "a.b": None}).rstrip()
        == made.split("\n\n[a.c]")[0] + "\nc = null\nb = null"
    )


def test_the_schedule_is_as_long_as_the_training():
    config = Config().from_str(write_config(Choices(ALL[:1]), settings={"training.max_steps": 7}))
    assert config["training"]["optimizer"]["learn_rate"]["total_steps"] == config["training"]["max_steps"] == 7


def test_floats_are_as_they_were_given():
    assert "x = 0.3\n" in change_settings(TEXT, {"a.x": 0.1 + 0.2})


@pytest.mark.parametrize("lang,tokenizer", [("ja", "spacy.ja.JapaneseTokenizer"), ("pt", "spacy.Tokenizer.v1")])
def test_the_tokenizer_is_that_of_the_language(lang, tokenizer):
    config = Config().from_str(write_config(Choices(ALL[:1], lang=lang)))
    assert config["nlp"]["tokenizer"]["@tokenizers"] == tokenizer


def test_texts_are_joined_where_roles_are_taught():
    def read(tasks, *sources):
        return Config().from_str(write_config(Choices(parse_tasks(tasks), sources)), interpolate=False)["corpora"]

    assert (read("ner,srl")["train"]["join"], "join" in read("ner,srl")["dev"]) == (8, False)
    assert "join" not in read("ner")["train"]
    sources = read("ner,srl", Source("one", ("ner",)), Source("two", ("ner", "srl")))["train"]["sources"]
    assert [source.get("join") for source in sources.values()] == [None, 8]


def test_several_that_translate_have_scores_of_their_own():
    weights = dict(weigh_scores(parse_tasks("ner,translate:german,translate:french"), ()))
    assert {name for name, weight in weights.items() if weight} == {"ents_f", "german_bleu", "french_bleu"}
    assert weights["german_chrf"] == 0.0 and "translation_bleu" not in weights
    assert dict(weigh_scores(parse_tasks("translate"), ())) == {"translation_bleu": 1.0, "translation_chrf": 0.0}


@pytest.mark.parametrize("name", ["c.x", "a.b.c.x", "x"])
def test_a_setting_in_a_section_that_is_not_there(name):
    with pytest.raises(ValueError, match="MTL-E769"):
        change_settings(TEXT, {name: 1})


def test_weights_of_tasks_and_sampling_of_sources():
    sources = [Source("few", ("ner",)), Source("much", ("srl",))]
    choices = choose(parse_tasks("ner,srl"), sources, weights={"ner": 5.0}, sampling={"few": 0.3, "much": 0.7})
    config = Config().from_str(write_config(choices))
    assert config["components"]["tok2vec"]["balancer"] == {"@misc": "spacy-mtl.Weighted.v1", "weights": {"ner": 5.0}}
    sampler = {"@misc": "spacy-mtl.WeightedSampler.v1", "weights": {"few": 0.3, "much": 0.7}}
    assert config["training"]["batcher"]["sampler"] == sampler
    nlp = load_model_from_config(config, auto_fill=True)
    assert nlp.get_pipe("tok2vec").balancer.weights == {"ner": 5.0}


@pytest.mark.parametrize("encoder", ["cnn", "pretrained"])
def test_private_paths_and_scaffold(encoder):
    if encoder == "pretrained":
        pytest.importorskip("spacy_transformers")
    tasks = parse_tasks("textcat:genre,ner,tagger,parser")
    choices = Choices(tasks, encoder=encoder, private=("ner", "genre"), scaffold=("tagger", "parser"))
    config = Config().from_str(write_config(choices))
    around = {"cnn": "spacy-mtl.PrivatePath.v1", "pretrained": "spacy-mtl.AdaptedListener.v1"}[encoder]
    found = {
        name: block["model"]["tok2vec"]["@architectures"] for name, block in list(config["components"].items())[1:]
    }
    listener = "spacy.Tok2VecListener.v1"
    assert found == {"genre": around, "ner": around, "tagger": listener, "parser": listener}
    if encoder == "cnn":
        embeds = [config["components"][name]["model"]["tok2vec"]["private"]["embed"] for name in ("genre", "ner")]
        assert [(embed["width"], embed["include_static_vectors"]) for embed in embeds] == [(64, None), (32, False)]
    assert config["training"]["before_to_disk"]["components"] == ["tagger", "parser"]
    weights = config["training"]["score_weights"]
    assert {name: weight for name, weight in weights.items() if weight} == {"genre_acc": 0.5, "ents_f": 0.5}
    nlp = load_model_from_config(config, auto_fill=True)
    assert nlp.get_pipe("tok2vec").listening_components == ["genre", "ner", "tagger", "parser"]
    WithoutScaffold(["tagger", "parser"]).check(nlp)


def test_tasks_that_feed_each_other():
    choices = choose(
        parse_tasks("textcat:intent,ner:slots,tagger"), (), feed="intent:slots,slots:tagger", private=["slots"]
    )
    text = write_config(choices)
    assert "# What intent decides is read beside what is heard.\n[components.slots.model.tok2vec]\n" in text
    blocks = {
        name: block["model"]["tok2vec"]
        for name, block in Config().from_str(text)["components"].items()
        if name != "tok2vec"
    }
    assert [blocks[name].get("source") for name in blocks] == [None, "intent", "slots"]
    assert blocks["slots"]["shared"]["@architectures"] == "spacy-mtl.PrivatePath.v1"
    assert blocks["slots"]["shared"]["private"]["embed"]["width"] == 32
    nlp = load_model_from_config(Config().from_str(text), auto_fill=True)
    check_readers(nlp)
    assert nlp.get_pipe("tok2vec").listening_components == ["intent", "slots", "tagger"]


def test_a_scaffold_of_trees_has_little_to_say_in_the_encoder():
    def read(*sources, **settings):
        choices = choose(parse_tasks("textcat:genre,srl"), sources, scaffold=["dependency"], **settings)
        return Config().from_str(write_config(choices))

    config = read()
    assert config["components"]["dependency"]["factory"] == "mtl_dependency"
    balancer = config["components"]["tok2vec"]["balancer"]
    assert balancer["weights"] == {"dependency": SCAFFOLD_WEIGHT} and 0 < SCAFFOLD_WEIGHT < 1
    nlp = load_model_from_config(config, auto_fill=True)
    WithoutScaffold(["dependency"]).check(nlp)
    weights = read(weights={"srl": 2.0, "dependency": 1.0})["components"]["tok2vec"]["balancer"]["weights"]
    assert weights == {"dependency": 1.0, "srl": 2.0}
    # targets of several corpora are balanced as without it
    sources = Source("one", ("genre",)), Source("two", ("srl", "dependency"))
    assert "weights" not in read(*sources)["components"]["tok2vec"]["balancer"]


def test_scaffold_comes_behind_the_tasks():
    choices = choose(parse_tasks("ner,srl"), (), scaffold=["tagger"], private=["ner"])
    assert [task.name for task in choices.tasks] == ["ner", "srl", "tagger"] and choices.scaffold == ("tagger",)
    assert "before_to_disk = null" in write_config(choose(parse_tasks("ner"), ()))


@pytest.mark.parametrize("sharing", ["cross-stitch", "mmoe", "cgc"])
def test_each_task_has_vectors_of_its_own(sharing):
    tasks = parse_tasks("ner,tagger,parser")
    config = Config().from_str(write_config(Choices(tasks, sharing=sharing, private=("ner",), feeds={"tagger": "ner"})))
    blocks = {name: block["model"]["tok2vec"] for name, block in list(config["components"].items())[1:]}
    assert blocks["ner"]["@architectures"] == "spacy-mtl.PrivatePath.v1"
    assert blocks["tagger"]["@architectures"] == "spacy-mtl.StackPropagation.v1"
    blocks.update({name: blocks[name]["shared"] for name in ("ner", "tagger")})
    layer = "spacy-mtl.Column.v1" if sharing == "cross-stitch" else "spacy-mtl.ExpertGate.v1"
    assert {block["@architectures"] for block in blocks.values()} == {layer}
    if sharing == "cross-stitch":
        assert [block["column"] for block in blocks.values()] == [0, 1, 2]
    else:
        assert all((block["private"] is None) == (sharing == "mmoe") for block in blocks.values())
    nlp = load_model_from_config(config, auto_fill=True)
    assert nlp.get_pipe("tok2vec").listening_components == ["ner", "tagger", "parser"]


def test_columns_take_about_as_much_computing_as_one_encoder():
    choices = Choices(parse_tasks("ner,srl,tagger,senter"), sharing="cross-stitch")
    encode = Config().from_str(write_config(choices))["components"]["tok2vec"]["model"]["encode"]
    assert encode["width"] == 48
    with pytest.raises(ValueError, match="E763.*cross-stitch"):
        choose(parse_tasks("ner"), (), sharing="soft")
    with pytest.raises(ValueError, match="E462"):
        choose(parse_tasks("ner"), (), sharing="mmoe", encoder="pretrained")
