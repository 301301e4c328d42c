import pytest
import spacy
from spacy.tokens import Doc

from spacy_mtl.data.writing import write_docs
from spacy_mtl.frames import set_frames
from spacy_mtl.recipes.choices import choose
from spacy_mtl.recipes.sources import Source, parse_source
from spacy_mtl.recipes.tasks import Task, parse_tasks
from spacy_mtl.translations import set_translations
from spacy_mtl.types import FrameSpans, RoleSpan


@pytest.fixture
def corpora(tmp_path):
    """Intents that exclude each other, topics that do not, and news with entities and frames."""
    vocab = spacy.blank("en").vocab

    def make(**annotation):
        doc = Doc(vocab, words=["Ana", "sold", "cars"])
        doc.cats = annotation.get("cats", {})
        if "news" in annotation:
            doc.set_ents([doc.char_span(0, 3, label="PER")], default="outside")
            set_frames(doc, [FrameSpans(1, 2, "sell.01", (RoleSpan("ARG0", 0, 1),))])
        return doc

    docs = {
        "intents": [make(cats={"buy": float(i), "ask": float(1 - i)}) for i in (0, 1)],
        "topics": [make(cats={"art": 1.0, "law": 1.0}), make(cats={"art": 0.0, "law": 1.0})],
        "news": [make(news=True)],
    }
    for name, found in docs.items():
        write_docs(found, tmp_path / f"{name}.spacy")
    return {name: str(tmp_path / f"{name}.spacy") for name in docs}


@pytest.mark.parametrize(
    "text,expected",
    [
        ("ner", (Task("ner", "ner"),)),
        ("textcat:intent, mtl_srl", (Task("intent", "textcat"), Task("srl", "srl"))),
        ("ner:people,ner:products,tagger", (Task("people", "ner"), Task("products", "ner"), Task("tagger", "tagger"))),
        ("", ()),
    ],
)
def test_tasks_are_read(text, expected):
    assert parse_tasks(text) == expected


@pytest.mark.parametrize(
    "text,code",
    [("nre", "E760"), ("ner,ner", "E761"), ("ner:tok2vec", "E761"), ("ner:a b", "E761"), ("ner:1a", "E761")],
)
def test_tasks_that_are_none(text, code):
    with pytest.raises(ValueError, match=f"MTL-{code}"):
        parse_tasks(text)


@pytest.mark.parametrize(
    "text,expected",
    [
        ("news", Source("news")),
        ("news:ner,srl", Source("news", ("ner", "srl"))),
        ("news=a.spacy", Source("news", (), "a.spacy")),
        ("news=a b.spacy,dev.spacy:ner", Source("news", ("ner",), "a b.spacy", "dev.spacy")),
        (r"news=C:\corpus\a.spacy:ner", Source("news", ("ner",), r"C:\corpus\a.spacy")),
        (r"news=C:\corpus\a.spacy", Source("news", (), r"C:\corpus\a.spacy")),
    ],
)
def test_sources_are_read(text, expected):
    assert parse_source(text) == expected


@pytest.mark.parametrize("text", ["", "=a.spacy", "a b", "a=x,y,z", "1=x"])
def test_sources_that_are_none(text):
    with pytest.raises(ValueError, match="MTL-E762"):
        parse_source(text)


def test_corpora_give_the_tasks_that_nobody_named(corpora):
    found = choose((), [Source("intents", (), corpora["intents"]), Source("news", (), corpora["news"])])
    assert [(task.name, task.kind) for task in found.tasks] == [("textcat", "textcat"), ("ner", "ner"), ("srl", "srl")]
    assert [source.tasks for source in found.sources] == [("textcat",), ("ner", "srl")]
    assert found.words == (6, 3)


def test_labels_are_shared_out_between_categorizers_and_exclude_each_other_only_if_they_do(corpora):
    tasks = parse_tasks("textcat:intent,textcat:topic")
    sources = [Source("a", ("intent",), corpora["intents"]), Source("b", ("topic",), corpora["topics"])]
    intent, topic = choose(tasks, sources).tasks
    assert (intent.labels, intent.exclusive) == (("ask", "buy"), True)
    assert (topic.labels, topic.exclusive) == (("art", "law"), False)
    (alone,) = choose(tasks[:1], sources[:1]).tasks
    assert alone.labels == ()


def test_few_categories_are_no_sign_that_they_exclude_each_other(tmp_path):
    vocab = spacy.blank("en").vocab
    docs = [Doc(vocab, words=["a"]) for _ in range(4)]
    for doc, values in zip(docs, [(1, 1), (0, 0), (0, 0), (1, 0)]):
        doc.cats = dict(zip(("rude", "threat"), map(float, values)))
    write_docs(docs, tmp_path / "rare.spacy")
    assert not choose((), [Source("a", (), str(tmp_path / "rare.spacy"))]).tasks[0].exclusive
    docs[0].cats, docs[1].cats = {"rude": 0.4, "threat": 0.6}, {"rude": 1.0}
    write_docs([docs[0], docs[1], docs[3]], tmp_path / "one.spacy")
    assert choose((), [Source("a", (), str(tmp_path / "one.spacy"))]).tasks[0].exclusive


@pytest.mark.parametrize(
    "tasks,sources,settings,code",
    [
        ("ner", [], {"encoder": "bert"}, "E763"),
        ("ner", [], {"optimize": "speed"}, "E763"),
        ("ner", [Source("a"), Source("a")], {}, "E764"),
        ("ner", [], {"encoder": "pretrained", "vectors": "v"}, "E765"),
        ("", [], {}, "E766"),
        ("ner", [Source("a", ("srl",))], {}, "E767"),
        ("", [Source("a", ("sentiment",), "news")], {}, "E767"),
        ("srl", [Source("a", (), "topics")], {}, "E768"),
        ("ner", [], {"private": ["srl"]}, "E796"),
        ("ner,srl", [], {"feed": "srl:ner"}, "E458"),
        ("ner,srl", [], {"feed": "ner:ner"}, "E458"),
        ("ner,srl", [], {"feed": "ner"}, "E458"),
        ("dependency,ner", [], {"feed": "dependency:ner"}, "E458.*read .ner."),
        ("ner,srl,tagger", [], {"feed": "ner:tagger,srl:tagger"}, "E458"),
        ("ner,tagger", [], {"scaffold": ["tagger"]}, "E796"),
        ("ner", [], {"scaffold": ["tree"]}, "E760"),
        ("ner", [], {"weights": {"srl": 2.0}}, "E798"),
        ("ner", [Source("a")], {"sampling": {"a": 1.0}}, "E798"),
        ("ner", [Source("a"), Source("b")], {"sampling": {"a": 1.0}}, "E798"),
        ("ner", [Source("a"), Source("b")], {"sampling": {"a": 0.0, "b": 0.0}}, "E798"),
    ],
)
def test_choices_that_do_not_fit_together(corpora, tasks, sources, settings, code):
    sources = [source._replace(train=corpora.get(source.train)) for source in sources]
    with pytest.raises(ValueError, match=f"MTL-{code}"):
        choose(parse_tasks(tasks), sources, **settings)


def test_a_corpus_that_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match="MTL-E120"):
        choose((), [Source("a", (), str(tmp_path / "none.spacy"))])


def test_translations_go_to_the_task_that_learns_them(corpora, tmp_path):
    doc = Doc(spacy.blank("en").vocab, words=["Ana", "sold", "cars"])
    set_translations(doc, {"de": "Ana verkaufte Autos"})
    write_docs([doc], tmp_path / "pairs.spacy")
    sources = [Source("pairs", train=str(tmp_path / "pairs.spacy")), Source("news", train=corpora["news"])]
    found = choose(parse_tasks("translate,ner"), sources)
    assert [source.tasks for source in found.sources] == [("translate",), ("ner",)]
    assert [task.kind for task in choose((), sources).tasks] == ["translate", "ner", "srl"]
    with pytest.raises(ValueError, match="MTL-E768"):
        choose(parse_tasks("translate"), sources[1:])
