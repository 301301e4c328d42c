"""Writing a text from the vectors of another: subwords, a decoder, and the search for the best text.

From outside: `decoder.Decoder`, `search.search`, `subwords.Subwords`. All but the subwords are torch's: import them
where it is known to be installed.
"""
