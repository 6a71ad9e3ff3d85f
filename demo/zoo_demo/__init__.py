"""The Gradio page that compares classifiers."""
