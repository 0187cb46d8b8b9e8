from .connect import connect
