"""Every option: declared, read from text and from files, checked."""
