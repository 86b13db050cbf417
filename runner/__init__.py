"""Run time: clusters, snippets run live, recordings, and the server of the deck."""
