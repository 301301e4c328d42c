from spacy.lang.en import English

# English has more than a thousand, and every pipeline that a test makes or loads would add each of them anew: that took
# half of the time of all tests.
EXCEPTIONS = English.Defaults.tokenizer_exceptions
KEPT = ("n't", "I'm", "it's", "a.m.", "p.m.", "Mr.", "U.S.")
English.Defaults.tokenizer_exceptions = {text: EXCEPTIONS[text] for text in EXCEPTIONS if text.endswith(KEPT)}
