#!/bin/sh
# Installs a model, registers it with a running MLOS Core, and asks it. AXON and MLOS are the programs.
set -eu
model=hf/bert-base-uncased@latest
"${AXON:-axon}" install "$model"
"${AXON:-axon}" register "$model"
"${MLOS:-mlos}" infer "$model" "hello small world"
