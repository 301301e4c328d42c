"""The commands of `spacy mtl`: options, messages, tables and pages around what the other packages do."""
