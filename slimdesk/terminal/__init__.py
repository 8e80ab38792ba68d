"""Terminal emulation without a window: one interface over two cores, and the bytes of keys, mouse and paste."""
