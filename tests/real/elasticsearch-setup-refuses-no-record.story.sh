# shellcheck shell=bash
# Templates that refuse no record and do not explode: setup, 10,000 records of every oddity, and what rules query.
setup_takes_all elasticsearch
