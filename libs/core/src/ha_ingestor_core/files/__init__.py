"""Files in DATA_DIR: written durably, with a format number, and the disk that they are on."""
