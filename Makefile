# The daily commands. Everything happens in tools/ and test/; this file only gives it short names.
STACK ?= local

# The commands read these from the environment, so that no value passes through a shell's quoting.
export STACK DEMO SERVICE DAG CONF DATA FOLLOW LINES SQL FROM TO ONLY OUT DEBUG

# Runs the rest of the line in the shell that tools/bootstrap prepared.
PREPARED = env="$$(tools/env)" && eval "$$env" &&
CLI = $(PREPARED) exec node --import tsx tools/cli/main.ts

.DEFAULT_GOAL := help
.PHONY: help up status logs run shell spark-sql migrate-catalog down clean bench data env check test test-kubernetes

help:
	@sed -n 's|^#: \{0,1\}||p' Makefile

#: Usage: make COMMAND [NAME=value ...]        (STACK=name works on another stack; the usual one is local)
#:
#:   make up [DEMO=0]               prepare this machine, start the platform, run the pipelines once
#:   make status                    containers, web pages, last run of each pipeline
#:   make run DAG=name [CONF='{"dry_run": true}']  run a pipeline, with parameters, and wait for it
#:   make spark-sql [SQL='select 1']  ask the tables
#:   make migrate-catalog FROM=jdbc TO=rest   register one catalog's tables in another
#:   make logs [SERVICE=name] [LINES=100] [FOLLOW=1]
#:   make shell SERVICE=name        a shell in a container
#:   make down [DATA=delete]        stop the platform; its data stays unless you say so
#:   make clean                     remove everything: stack, data, images, caches
#:   make env                       how to prepare a shell for pulumi by hand
#:   make data                      write the sample file anew
#:   make check                     quick tests, under three minutes
#:   make test                      all tests, in a stack of their own
#:   make test-kubernetes           tests of the aws stack's Kubernetes half: on KUBECONFIG's cluster, or a node of their own
#:   make bench [ONLY=noop,images]  measure; figures: fresh noop images memory spark duckdb maintenance tpch
#:                                  catalogs dbt

up:
	@tools/bootstrap
	@$(CLI) up

status logs run shell spark-sql migrate-catalog down clean bench:
	@$(CLI) $@

data:
	@$(PREPARED) node tools/sample-data.mjs --out data/customers-100000.csv --force

env:
	@echo 'Prepare this shell with:  eval "$$(tools/env)"'

check:
	@test/check

test:
	@test/run

test-kubernetes:
	@test/kubernetes/run
