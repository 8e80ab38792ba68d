import ctypes

import humanize

library = ctypes.CDLL("libpq.so.5")
print(f"GOOD MORNING {humanize.intcomma(1000)} {library.PQlibVersion() > 0}")
