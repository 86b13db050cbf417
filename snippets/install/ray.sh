# region install
poetry add "ray[default]"
# endregion install
