import pickle

import numpy
import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import fix_random_seed

from spacy_mtl.pipeline.dependency.component import DependencyParser

from ..shared_encoder import ENCODER_MODEL
from ..toy_pipeline import train

SENTENCES = [
    ("the cat sees a small dog .", [1, 2, 2, 5, 5, 2, 2], "det nsubj ROOT det amod obj punct", "D N V D A N ."),
    ("a dog sleeps", [1, 2, 2], "det nsubj ROOT", "D N V"),
    ("they say that the dog sees it", [1, 1, 5, 4, 5, 1, 5], "nsubj ROOT mark det nsubj ccomp obj", "P V C D N V P"),
    ("sleep !", [0, 0], "ROOT punct", "V ."),
    ("a hearing is set today on it", [1, 3, 3, 3, 3, 6, 1], "det nsubj aux ROOT advmod case nmod", "D N X V R I P"),
]
TEXTS = [words for words, *_ in SENTENCES]


def make_nlp(initialized=True, **settings):
    fix_random_seed(0)
    nlp = spacy.blank("en")
    model = {"hidden_width": 16, "tok2vec": ENCODER_MODEL}
    nlp.add_pipe("mtl_dependency", name="parser", config={"model": model, **settings})
    if initialized:
        nlp.initialize(lambda: make_examples(nlp))
    return nlp


def make_doc(nlp, words, heads, deps, tags):
    return Doc(nlp.vocab, words=words.split(), heads=heads, deps=deps.split(), tags=tags.split())


def make_examples(nlp, sentences=SENTENCES):
    docs = [make_doc(nlp, *sentence) for sentence in sentences]
    return [Example(Doc(nlp.vocab, words=[token.text for token in doc]), doc) for doc in docs]


def read(doc):
    return (
        " ".join(token.text for token in doc),
        [token.head.i for token in doc],
        " ".join(token.dep_ for token in doc),
        " ".join(token.tag_ for token in doc),
    )


@pytest.fixture(scope="module")
def trained():
    nlp = make_nlp()
    train(nlp, make_examples(nlp), steps=60)
    return nlp


def test_add_pipe_with_defaults():
    nlp = spacy.blank("en")
    parser = nlp.add_pipe("mtl_dependency")
    assert isinstance(parser, DependencyParser) and parser.labels == () and parser.tags == ()
    assert nlp.config["training"]["score_weights"]["dep_las"] == 1.0
    with pytest.raises(ValueError, match="MTL-E905"):
        nlp("a dog")
    assert parser.add_label("dep") == 1 and parser.add_label("dep") == 0
    nlp.initialize(lambda: make_examples(nlp))
    assert parser.labels[:2] == ("dep", "ROOT") and parser.tags == tuple(sorted(set("DNVACPXRI.")))
    with pytest.raises(ValueError, match="MTL-E904"):
        parser.add_label("other")


def test_overfitting_and_io(trained, tmp_path):
    nlp = trained
    found = [read(doc) for doc in nlp.pipe(TEXTS)]
    # one of them has arcs that cross
    assert found == SENTENCES
    scores = nlp.evaluate(make_examples(nlp))
    assert [scores[name] for name in ("dep_uas", "dep_las", "tag_acc")] == [1.0, 1.0, 1.0]
    nlp.to_disk(tmp_path)
    copies = [
        spacy.load(tmp_path),
        spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes()),
        pickle.loads(pickle.dumps(nlp)),
    ]
    for copy in copies:
        parser = copy.get_pipe("parser")
        assert (parser.labels, parser.tags) == (nlp.get_pipe("parser").labels, nlp.get_pipe("parser").tags)
        assert [read(doc) for doc in copy.pipe(TEXTS)] == found


def test_two_processes(trained):
    texts = TEXTS * 2
    assert [read(doc) for doc in trained.pipe(texts, n_process=2, batch_size=3)] == SENTENCES * 2


def test_batch_equals_single(trained):
    texts = ["dog", "", *TEXTS, " \n", "the dog sleeps . a small cat sees they . " * 4, "cat  say\n\nit it"]
    trees = trained.get_pipe("parser").predict([trained.make_doc(text) for text in texts])
    for text, tree in zip(texts, trees):
        (alone,) = trained.get_pipe("parser").predict([trained.make_doc(text)])
        assert (alone.heads.tolist(), alone.relations, alone.tags or []) == (
            tree.heads.tolist(),
            tree.relations,
            tree.tags or [],
        )


@pytest.mark.parametrize("text", ["", "dog", " ", "\n\n", " dog \n the  dog\n\n \n"])
def test_texts_without_much(trained, text):
    doc = trained(text)
    assert doc.text == text and all(token.dep_ for token in doc)
    assert all(token.tag_ for token in doc if not token.is_space)
    assert [token.i for sentence in doc.sents for token in sentence] == list(range(len(doc)))
    reference = doc.copy()
    assert trained.update([Example(trained.make_doc(text), reference)], sgd=False)["parser"] >= 0
    trained.get_pipe("parser").finish_update(lambda key, weights, gradient: (weights, gradient * 0))


def test_a_tree_in_each_sentence(trained):
    text = "the cat sees a small dog . they say that the dog sees it \n\n a dog sleeps"
    doc = trained(text)
    starts = [sentence.start for sentence in doc.sents]
    assert starts == [0, 7, 15]
    for sentence in doc.sents:
        assert [token.i for token in sentence if token.head == token] == [sentence.root.i]
        assert all(token.head.i in range(sentence.start, sentence.end) for token in sentence)
    # borders that are there stay
    doc = Doc(trained.vocab, words=text.split(), sent_starts=[i in (0, 5, 9) for i in range(len(text.split()))])
    assert [sentence.start for sentence in trained.get_pipe("parser")(doc).sents] == [0, 5, 9]


def test_roots_alone_have_the_relation_of_roots(trained):
    fix_random_seed(1)
    nlp = make_nlp()
    for doc in nlp.pipe([*TEXTS, "dog " * 30]):
        assert all((token.dep_ == "ROOT") == (token.head == token) for token in doc)


def test_tags_that_are_there_stay(trained):
    doc = Doc(trained.vocab, words=["a", "dog"], tags=["", "X"])
    assert [token.tag_ for token in trained.get_pipe("parser")(doc)] == ["D", "X"]
    nlp = make_nlp(tags=False)
    assert nlp.get_pipe("parser").tags == ()
    assert [token.tag_ for token in nlp("a dog")] == ["", ""]
    assert "tag_acc" not in nlp.evaluate(make_examples(nlp))


def test_noun_chunks(trained):
    doc = trained("the cat sees a small dog .")
    for token, pos in zip(doc, ["DET", "NOUN", "VERB", "DET", "ADJ", "NOUN", "PUNCT"]):
        token.pos_ = pos
        token.dep_ = {"obj": "dobj"}.get(token.dep_, token.dep_)
    assert [chunk.text for chunk in doc.noun_chunks] == ["the cat", "a small dog"]


def gradient_of(nlp, examples):
    """The loss of a batch, and the gradient that waits afterwards."""
    parser = nlp.get_pipe("parser")
    loss = nlp.update(examples, sgd=False, drop=0.0)["parser"]
    found = {}

    def take(key, weights, gradient):
        found[key] = gradient.copy()
        gradient.fill(0)
        return weights, gradient

    parser.finish_update(take)
    return loss, found


def test_what_is_not_annotated_teaches_nothing():
    nlp = make_nlp()
    bare = [Example(example.predicted, Doc(nlp.vocab, words=example.x.text.split())) for example in make_examples(nlp)]
    loss, gradient = gradient_of(nlp, bare)
    assert loss == 0 and not any(array.any() for array in gradient.values())
    assert nlp.get_pipe("parser")._batch is None
    # beside annotated texts they change nothing
    loss, gradient = gradient_of(nlp, make_examples(nlp))
    both, of_both = gradient_of(nlp, [*bare, *make_examples(nlp)])
    assert both == pytest.approx(loss, rel=1e-5)
    for key in gradient:
        numpy.testing.assert_allclose(of_both[key], gradient[key], atol=1e-3)


def test_partial_trees():
    nlp = make_nlp()
    words, heads, deps, tags = SENTENCES[0]
    partial = []
    for keep in (range(4), range(4, 7)):
        of_heads = [head if i in keep else None for i, head in enumerate(heads)]
        of_deps = [dep if i in keep else None for i, dep in enumerate(deps.split())]
        doc = Doc(nlp.vocab, words=words.split(), heads=of_heads, deps=of_deps)
        partial.append(Example(Doc(nlp.vocab, words=words.split()), doc))
    losses = [gradient_of(nlp, [example])[0] for example in partial]
    whole = Doc(nlp.vocab, words=words.split(), heads=heads, deps=deps.split())
    assert sum(losses) == pytest.approx(gradient_of(nlp, [Example(partial[0].x, whole)])[0], rel=1e-5)
    parser = nlp.get_pipe("parser")
    parser.begin_update(partial)
    assert parser.count_targets(partial) == 7
    train(nlp, partial, steps=60)
    assert [token.head.i for token in nlp(words)] == heads


def test_several_sentences_of_one_text():
    """The heads that are chosen among are those of the sentence: the loss is that of the sentences alone."""
    nlp = make_nlp()
    examples = make_examples(nlp)
    joined = Doc.from_docs([example.reference for example in examples], ensure_whitespace=True)
    parts = Doc.from_docs([example.predicted for example in examples], ensure_whitespace=True)
    assert len(list(joined.sents)) == len(SENTENCES)
    parser = nlp.get_pipe("parser")
    scores = [parser.begin_update(batch)[0] for batch in ([Example(parts, joined)], examples)]
    shapes = [sorted(array.shape for array in found.heads) for found in scores]
    assert shapes[0] == shapes[1]
    assert scores[0].relations.shape == scores[1].relations.shape == (len(joined), len(parser.labels))


def test_other_tokens(trained):
    predicted = Doc(trained.vocab, words=["a", "do", "g", "sleeps", " "])
    reference = Doc(trained.vocab, words=["a", "dog", "sleeps"], heads=[1, 2, 2], deps=["det", "nsubj", "ROOT"])
    parser = trained.get_pipe("parser")
    batch = [Example(predicted, reference)]
    parser.begin_update(batch)
    # as spaCy aligns them: the head of the first is in two parts, which have each the head of the whole
    assert parser.count_targets(batch) == 3
    assert parser.get_loss(batch, parser.begin_update(batch)[0])[0] >= 0


def test_labels_given():
    nlp = make_nlp()
    data = nlp.get_pipe("parser").label_data
    other = make_nlp(initialized=False)
    other.get_pipe("parser").initialize(lambda: make_examples(other), labels=data)
    assert other.get_pipe("parser").label_data == data
    for wrong in ({"relations": ["a"]}, ["a"], {**data, "others": []}):
        with pytest.raises(ValueError, match="MTL-E902"):
            make_nlp(initialized=False).get_pipe("parser").initialize(lambda: make_examples(other), labels=wrong)


def test_labels_that_are_not_known():
    nlp = make_nlp(initialized=False)
    labels = {"relations": ["ROOT", "det", "nsubj"], "tags": ["N"]}
    with pytest.warns(UserWarning, match=r"MTL-W202.*obj"):
        nlp.get_pipe("parser").initialize(lambda: make_examples(nlp), labels=labels)
    loss, _ = gradient_of(nlp, make_examples(nlp))
    assert loss > 0


def test_a_corpus_without_trees():
    nlp = make_nlp(initialized=False)
    bare = [Example(example.x, Doc(nlp.vocab, words=example.x.text.split())) for example in make_examples(nlp)]
    with pytest.raises(ValueError, match="MTL-E901.*5 examples"):
        nlp.initialize(lambda: bare)


def test_settings():
    with pytest.raises(ValueError, match="MTL-E435.*borders"):
        make_nlp(initialized=False, borders="none")
    nlp = make_nlp(borders="doc")
    with pytest.warns(UserWarning, match="MTL-W901"):
        doc = nlp("a dog sleeps . a cat sleeps .")
    assert len(list(doc.sents)) == 1


def test_scores_that_are_not_finite(trained):
    nlp = pickle.loads(pickle.dumps(trained))
    scorer = nlp.get_pipe("parser").model.get_ref("scorer")
    scorer.set_param("U", scorer.get_param("U") * numpy.nan)
    with pytest.raises(ValueError, match="MTL-E906"):
        nlp("a dog")
    with pytest.warns(UserWarning, match="MTL-W403"):
        assert nlp.update(make_examples(nlp), sgd=False)["parser"] == 0


def test_the_model_takes_docs_alone(trained):
    model = trained.get_pipe("parser").model
    docs = [trained.make_doc(text) for text in ("a dog sleeps", "", "sleep !")]
    scores, backprop = model.begin_update(docs)
    assert scores.tags.shape == (5, len(trained.get_pipe("parser").tags)) and len(scores.relations) == 0
    assert [found.shape for found in scores.heads] == [(2, 3, 3)]
    backprop(scores)
    model.finish_update(lambda key, weights, gradient: (weights, gradient * 0))
