# got-r1.mk: GoT-R1 (arXiv 2505.17022): chains with boxes, and rewards of plan, layout, picture against plan, and picture.
#
#   make -f pipelines/got-r1.mk SCALE=nano table      offline, two CPU cores
#   make -f pipelines/got-r1.mk samples POLICY=DIR PROMPTS=FILE ENDPOINT=URL JUDGE=NAME
#
# What the paper sets (RECIPES.md, section 2), and where it stands here:
#   prompt "Follow the caption to generate an image through a chain of thought process: {}"      --template got-r1
#   roles User and Assistant without bars; chains of at most 600 tokens; guidance 5              WORDING, MAX_COT, CFG
#   1,000 GRPO steps, batch 8, G = 16, temperature 1, lr 1e-5, cosine                            RL_*
#   LoRA, r = alpha = 32; loss over text and image tokens                                        --lora-rank, --lora-alpha
#   judge Qwen2.5-VL-7B; R_PI (R_sem + R_spa) R_RI, each in [0, 1]                               --combine got-r1
# Starts from a policy that writes such chains: SFT of 70,000 steps on GoT's data sets, or what caption-gen --got makes of
# pictures of your own. Real scale: Janus-Pro-1B or 7B. Not run here: no such machine was at hand.
#
# Nano scale: `plans` teaches the base to plan with annotations that err (NOISE). RL's rewards are exact: the layout by the
# prompt (got-spa:shapes), the picture by the plan (got-ri:shapes), the picture by the prompt (shapes:partial, in the place of
# R_PI); R_sem needs a reader and has none. No guidance; all parts are trained.
# Each stage leaves its output on disk under $(RUN), whole or not at all; the same command goes on after a kill.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

SCALE ?= real
BIN ?= build/bin
SEED ?= 1
THREADS ?= 0
export GOMP_SPINCOUNT ?= 20000
export PATH := $(abspath $(BIN)):$(PATH)

ifeq ($(SCALE),nano)
RUN ?= run/got-r1-nano
POLICY ?= $(RUN)/plans
RL_STEPS ?= 120
RL_PROMPTS ?= 16
RL_GROUP ?= 8
RL_LR ?= 4e-4
RL_DECAY ?= linear
MAX_COT ?= 200
CFG ?= 1
WORDING ?= --chat janus --template got-r1
EXPERTS ?= --expert got-spa:shapes --expert got-ri:shapes --expert got-pi=shapes:partial
COMBINE ?= got-pi * got-spa * got-ri
EXTRA ?= --microbatch-tokens 2048
else
RUN ?= run/got-r1
RL_STEPS ?= 1000
RL_PROMPTS ?= 8
RL_GROUP ?= 16
RL_LR ?= 1e-5
RL_DECAY ?= cosine
MAX_COT ?= 600
CFG ?= 5
WORDING ?= --chat t2i-r1 --template got-r1
ENDPOINT ?=
JUDGE ?=
KEY_ENV ?=
EXPERTS ?= --expert got-sem --expert got-spa --expert got-ri --expert got-pi --endpoint $(ENDPOINT) --judge-model $(JUDGE) \
  $(if $(KEY_ENV),--key-env $(KEY_ENV)) --cache $(RUN)/answers
COMBINE ?= got-r1
EXTRA ?= --device cuda --dtype bfloat16 --recompute --lora-rank 32 --lora-alpha 32
endif
BASE ?= share/nano/base
SCENES ?= 12000
NOISE ?= 0.15
SFT_STEPS ?= 1500
SFT_LR ?= 4e-3
EVAL_PROMPTS ?= 300
EVAL_IMAGES ?= 4
DRAW = $(WORDING) --max-cot $(MAX_COT) --max-prompt 160 --cfg-weight $(CFG) --seed $(SEED) --threads $(THREADS)

.PHONY: table samples rl
rl: $(RUN)/rl.done
samples: $(RUN)/samples.jsonl

$(RUN)/scenes.jsonl:
	mkdir -p $(RUN)
	shapes-world scenes --count $(SCENES) --seed $(SEED)2 --out $(RUN)/scenes --output $@
$(RUN)/annotations.jsonl: $(RUN)/scenes.jsonl
	caption-gen --annotator shapes --got --noise $(NOISE) --seed $(SEED) --out $@ $(RUN)/scenes
$(RUN)/tokens.jsonl: $(RUN)/annotations.jsonl
	vq-encode --policy $(BASE) --out $(RUN)/tokens --threads $(THREADS) --input $< --output $@
$(RUN)/plans.done: $(RUN)/tokens.jsonl
	cot-sft --policy $(BASE) --out $(RUN)/plans --chain got $(WORDING) --steps $(SFT_STEPS) --batch 32 --lr $(SFT_LR) \
	  --begin-weight 2 --text-weight 1 --drop-prompt 0 --checkpoint-every 100 --seed $(SEED) --threads $(THREADS) \
	  --input $< --output $(RUN)/plans.jsonl
	touch $@

ifeq ($(SCALE),nano)
$(RUN)/rl-prompts.jsonl: | $(RUN)/plans.done
	for ((step = 1; step <= $(RL_STEPS); step++)); do \
	  shapes-world prompts --split train --count $(RL_PROMPTS) --seed $$((1000 * $(SEED) + step)) | \
	    jq -c --arg s $$step '.id = "step" + $$s + "-" + .id'; \
	done > $@.new
	mv $@.new $@
else
$(RUN)/rl-prompts.jsonl: $(PROMPTS)
	mkdir -p $(RUN)
	for ((pass = 0; pass * $$(wc -l < $<) < $(RL_STEPS) * $(RL_PROMPTS); pass++)); do \
	  shuf --random-source=<(yes $(SEED)-$$pass) $< | jq -c --arg p $$pass '. + {id: "pass\($$p)-\(input_line_number)"}'; \
	done > $@.new
	mv $@.new $@
endif

# Three programs that stay up. A killed run goes on with the prompts of the policy's own version.
$(RUN)/rl.done: $(RUN)/rl-prompts.jsonl
	if [[ ! -d $(RUN)/rl ]]; then \
	  rm -rf $(RUN)/rl.new && cp -r $(POLICY) $(RUN)/rl.new && rm -rf $(RUN)/rl.new/trainer && mv $(RUN)/rl.new $(RUN)/rl; \
	fi
	version() { if [[ -e $$1/easel.json ]]; then jq .policy_version $$1/easel.json; else echo 0; fi; }; \
	first=$$(version $(POLICY)) now=$$(version $(RUN)/rl); \
	if ((now - first < $(RL_STEPS))); then \
	  tail -n +$$(((now - first) * $(RL_PROMPTS) + 1)) $< | \
	    sample-group --policy $(RUN)/rl --follow --batch $(RL_PROMPTS) --group $(RL_GROUP) $(DRAW) --out $(RUN)/rollouts | \
	    score-reward $(EXPERTS) --combine '$(COMBINE)' | \
	    tee $(RUN)/rollouts.jsonl | \
	    grpo-step --policy $(RUN)/rl --batch $(RL_PROMPTS) --lr $(RL_LR) --lr-decay $(RL_DECAY) --total-steps $(RL_STEPS) \
	      --cfg-weight $(CFG) $(EXTRA) --on-empty skip --on-unscored drop-group --threads $(THREADS) > /dev/null; \
	fi
	touch $@

$(RUN)/test-prompts.jsonl:
	mkdir -p $(RUN)
	shapes-world prompts --split test --count $(EVAL_PROMPTS) --seed 7 --output $@

# What a policy draws on held-out prompts, by GenEval's rule and by RL's own rewards.
define evaluate
	sample-group --policy $(1) $(DRAW) --group $(EVAL_IMAGES) --out $(RUN)/eval-$(2) \
	  --input $(RUN)/test-prompts.jsonl --output $(RUN)/eval-$(2).rollouts.jsonl
	score-reward $(EXPERTS) --combine '$(COMBINE)' --input $(RUN)/eval-$(2).rollouts.jsonl --output $(RUN)/eval-$(2).jsonl
	eval-geneval --detector shapes --input $(RUN)/eval-$(2).jsonl --output $(RUN)/eval-$(2).results.jsonl \
	  --summary $(RUN)/eval-$(2).json --quiet
endef
$(RUN)/eval-before.json: $(RUN)/test-prompts.jsonl $(RUN)/plans.done
	$(call evaluate,$(POLICY),before)
$(RUN)/eval-after.json: $(RUN)/test-prompts.jsonl $(RUN)/rl.done
	$(call evaluate,$(RUN)/rl,after)

table: $(RUN)/eval-before.json $(RUN)/eval-after.json $(RUN)/report.html
	@jq -rn --slurpfile b $(RUN)/eval-before.json --slurpfile a $(RUN)/eval-after.json \
	  --slurpfile rb <(jq -s "$$means" $(RUN)/eval-before.jsonl) --slurpfile ra <(jq -s "$$means" $(RUN)/eval-after.jsonl) \
	  "$$table" | column -t -s $$'\t'
define means
length as $$n | (map(.rewards | to_entries) | add | group_by(.key) | map({(.[0].key): (map(.value) | add / $$n)}) | add) +
{reward: (map(.reward) | add / $$n)}
endef
define table
def round3: . * 1000 | round / 1000 | tostring;
def column: (.tasks | map_values(.score | round3)) + {overall: (.overall | round3)};
(($$b[0] | column) + ($$rb[0] | map_values(round3))) as $$before | (($$a[0] | column) + ($$ra[0] | map_values(round3))) as $$after |
(["task", "before RL", "after"] | @tsv), ($$before | keys_unsorted[] | [., $$before[.], $$after[.]] | @tsv)
endef
export means table

$(RUN)/report.html: $(RUN)/eval-before.json $(RUN)/eval-after.json
	run-report --title "GoT-R1, nano" --out $@ SFT=$(RUN)/plans.jsonl RL=$(RUN)/rl/trainer/metrics.jsonl \
	  --eval before=$(RUN)/eval-before.json --eval after=$(RUN)/eval-after.json --rollouts $(RUN)/rollouts.jsonl

$(RUN)/samples.jsonl: $(PROMPTS) $(RUN)/rl.done
	head -n 64 $(PROMPTS) | sample-group --policy $(RUN)/rl $(DRAW) --group 4 --out $(RUN)/samples > $@.new
	mv $@.new $@
