"""A pretrained transformer as the shared encoder: read in passages, packed, trained on, and loaded.

From outside: `encoder.build_pretrained_encoder`.
"""
