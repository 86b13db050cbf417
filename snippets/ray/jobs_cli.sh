set -o pipefail
exec <&1 # a terminal, so Ray prints for people rather than for logs
{
  # region submit
  ray job submit --address http://localhost:8265 -- python script.py
  # endregion submit
} 2>&1 | grep --line-buffered -v INFO # what Ray logs about itself
