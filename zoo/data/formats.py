"""The image formats that are read, and how their files end."""

FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP", "GIF")
SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".gif"})
