"""Whether sharing helped: joint training against one pipeline a task, on test texts, with statistics and costs.

From outside: `compare`, what it finds, and its tables and page.
"""
