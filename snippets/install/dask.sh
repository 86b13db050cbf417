# region install
poetry add dask distributed
# endregion install
