"""`mtl_tok2vec`: the shared encoder, which keeps the gradients of its listeners apart until a balancer weighs them.

From outside: `component.MultiTaskTok2Vec`.
"""
