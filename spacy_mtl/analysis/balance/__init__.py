"""What a balancer did, read from the file that the logger writes, in numbers and figures.

From outside: `read_balance_log`, the summaries and `draw_figures`.
"""
