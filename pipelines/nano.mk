# nano.mk: the whole method on two CPU cores, offline: annotate scenes with an annotator that errs,
# fine-tune on chains of thought, reinforce with an exact reward, evaluate on held-out prompts.
#
#   make -f pipelines/nano.mk demo       at most 15 minutes
#   make -f pipelines/nano.mk full       at most 60 minutes
#   make -f pipelines/nano.mk seeds      demo with three seeds: mean and spread
#   make -f pipelines/nano.mk no-sft     RL from the base without SFT, for as long as demo's SFT and RL
#
# Measured: 300 held-out prompts x 4 images, temperature 1, overall (mean of six tasks), two cores of an AMD
# EPYC; mean +- standard deviation over seeds:
#   demo     seeds 1 2 3   base 0.351 +- 0.008, SFT 0.569 +- 0.005, SFT+RL 0.701 +- 0.007
#            (SFT 0.564 0.568 0.575, SFT+RL 0.694 0.708 0.701); 13 min 53 s (seed 1; Zen 3 class, 75 GFLOP/s a core)
#   full     seeds 1 2 3   base 0.351 +- 0.008, SFT 0.679 +- 0.012, SFT+RL 0.981 +- 0.005
#            (SFT 0.666 0.689 0.683, SFT+RL 0.976 0.984 0.984); 44 min 56 s (seed 1; Zen 3 class)
#   no-sft   seeds 1 2 3   0.348 +- 0.005 (0.353 0.350 0.342) after 150 steps of RL_LR=8e-4; 13 min 56 s (seed 1)
# On Zen 4 class, 105 GFLOP/s a core:
#   full with SFT_STEPS=3500 RL_STEPS=1000 RL_LR=3e-4
#            seeds 1 2 3   SFT 0.702 +- 0.019, SFT+RL 0.991 +- 0.003; 44 min 54 s (seed 1)
#   no-sft   seeds 1 2 3   0.345 +- 0.003 (0.343 0.348 0.345) after 300 steps of RL_LR=4e-4
#   demo with SFT_STEPS=1500 RL_STEPS=220 RL_LR=4e-4, most turns to position and color_attr
#            seeds 1 2 3   SFT 0.626 +- 0.023, SFT+RL 0.806 +- 0.040; 14 min 43 s (seed 1)
# Seeds 2 and 3 of demo and of full, and no-sft, ran on one thread each, two at a time.
#
# Each stage leaves its output on disk under $(RUN), whole or not at all; after a kill the same command
# goes on and ends with the same bits; rl's rollouts are those since it last began.
include $(dir $(lastword $(MAKEFILE_LIST)))head.mk.inc

RUN ?= run/nano
BASE ?= share/nano/base

# The annotator errs in this share of its sentences, as a vision-language model does.
NOISE ?= 0.15
SCENES ?= 16000
SFT_STEPS ?= 700
SFT_LR ?= 4e-3
RL_STEPS ?= 125
RL_PROMPTS ?= 24
RL_GROUP ?= 8
# In turn. Counting gains most from a turn; what fine-tuning leaves lowest gains least in so few steps.
RL_TASKS ?= single_object counting color_attr two_object position counting colors color_attr two_object counting \
  position colors
RL_LR ?= 8e-4
RL_DECAY ?= linear
ENTROPY ?= off
EVAL_PROMPTS ?= 300
EVAL_IMAGES ?= 4
MAX_COT ?= 64

.PHONY: demo full seeds no-sft table sft rl report
demo: table $(RUN)/report.html $(RUN)/contact-sheet.png
	@echo "contact sheet: $(RUN)/contact-sheet.png"
	@echo "report:        $(RUN)/report.html"

full:
	@$(MAKE) --no-print-directory -f pipelines/nano.mk demo RUN=$(RUN)-full SCENES=24000 SFT_STEPS=2300 RL_STEPS=470 \
	  RL_PROMPTS=32 RL_LR=6e-4 RL_TASKS="single_object position color_attr counting two_object position color_attr \
	  counting colors position color_attr counting"

SEEDS ?= 1 2 3
seeds:
	@for seed in $(SEEDS); do $(MAKE) --no-print-directory -f pipelines/nano.mk demo RUN=$(RUN)-$$seed SEED=$$seed; done
	@echo "overall on held-out prompts, mean and standard deviation over the seeds $(SEEDS):"
	@for what in base sft rl; do jq -sr --arg what $$what "$$spread" $(SEEDS:%=$(RUN)-%/eval-$$what.json); done
define spread
map(.overall) | length as $$n | (add / $$n) as $$mean |
(if $$n > 1 then map(pow(. - $$mean; 2)) | add / ($$n - 1) | sqrt else 0 end) as $$sd |
def round3: . * 1000 | round / 1000;
"\($$what) \($$mean | round3) +- \($$sd | round3)"
endef
export spread

sft: $(RUN)/sft.done
rl: $(RUN)/rl.done
report: $(RUN)/report.html

$(RUN)/scenes.jsonl:
	mkdir -p $(RUN)
	shapes-world scenes --count $(SCENES) --seed $(SEED)2 --out $(RUN)/scenes --output $@

# Where no base has been installed, it is made first (nano-base.mk says how long that takes), with its
# own settings whatever was given here.
$(BASE)/config.json:
	MAKEFLAGS= $(MAKE) --no-print-directory -f pipelines/nano-base.mk install

$(RUN)/annotations.jsonl: $(RUN)/scenes.jsonl
	caption-gen --annotator shapes --noise $(NOISE) --seed $(SEED) --out $@ $(RUN)/scenes

$(RUN)/tokens.jsonl: $(RUN)/annotations.jsonl | $(BASE)/config.json
	vq-encode --policy $(BASE) --out $(RUN)/tokens --threads $(THREADS) --input $< --output $@

# ReasonGen-R1 gives <begin_of_image> no weight: Janus-Pro knows how to end a text. The nano base has
# never written one, and without weight its chains run on to the limit. Pictures weigh half of the paper's 1:
# the base draws from dense captions better than annotations that err can teach. No prompt is dropped:
# nothing here samples under guidance.
# The folder is there from the first checkpoint on; sft.done says that it is finished.
ifeq ($(SFT_STEPS),0)
$(RUN)/sft.done: | $(BASE)/config.json
	mkdir -p $(RUN)
	rm -rf $(RUN)/sft.new $(RUN)/sft && cp -r $(BASE) $(RUN)/sft.new && mv $(RUN)/sft.new $(RUN)/sft
	touch $@
else
$(RUN)/sft.done: $(RUN)/tokens.jsonl
	cot-sft --policy $(BASE) --out $(RUN)/sft --steps $(SFT_STEPS) --batch 32 --lr $(SFT_LR) --begin-weight 2 \
	  --image-weight 0.5 --drop-prompt 0 --checkpoint-every 100 --seed $(SEED) --threads $(THREADS) \
	  --input $< --output $(RUN)/sft.jsonl
	touch $@
endif

# Prompts of every RL step, with ids that name the step.
$(RUN)/rl-prompts.jsonl: | $(RUN)/sft.done
	for ((step = 1; step <= $(RL_STEPS); step++)); do \
	  shapes-world prompts --split train --count $(RL_PROMPTS) $(RL_TASKS:%=--task %) --seed $$((1000 * $(SEED) + step)) | \
	    jq -c --arg s $$step '.id = "step" + $$s + "-" + .id'; \
	done > $@.new
	mv $@.new $@

# Three programs that stay up: sample-group takes each version that grpo-step puts in place. A
# killed run goes on with the prompts of the policy's own version.
$(RUN)/rl.done: $(RUN)/rl-prompts.jsonl
	if [[ ! -d $(RUN)/rl ]]; then \
	  rm -rf $(RUN)/rl.new && cp -r $(RUN)/sft $(RUN)/rl.new && rm -rf $(RUN)/rl.new/trainer && mv $(RUN)/rl.new $(RUN)/rl; \
	fi
	first=$$(jq .policy_version $(RUN)/sft/easel.json); \
	now=$$(jq .policy_version $(RUN)/rl/easel.json); \
	if ((now - first < $(RL_STEPS))); then \
	  tail -n +$$(((now - first) * $(RL_PROMPTS) + 1)) $< | \
	    sample-group --policy $(RUN)/rl --follow --batch $(RL_PROMPTS) --group $(RL_GROUP) \
	      --max-cot $(MAX_COT) --max-prompt 40 --seed $(SEED) --threads $(THREADS) --out $(RUN)/rollouts | \
	    score-reward --expert shapes | \
	    tee $(RUN)/rollouts.jsonl | \
	    grpo-step --policy $(RUN)/rl --batch $(RL_PROMPTS) --lr $(RL_LR) --lr-decay $(RL_DECAY) --microbatch-tokens 2048 \
	      --total-steps $(RL_STEPS) --entropy $(ENTROPY) \
	      --on-empty skip --threads $(THREADS) > /dev/null; \
	fi
	touch $@

$(RUN)/test-prompts.jsonl:
	mkdir -p $(RUN)
	shapes-world prompts --split test --count $(EVAL_PROMPTS) --seed 7 --output $@

# Samples and scores of one policy on the held-out prompts.
define evaluate
	sample-group --policy $(1) --mode $(2) --group $(EVAL_IMAGES) --max-cot $(MAX_COT) --max-prompt 40 \
	  --seed $(SEED) --threads $(THREADS) --out $(RUN)/eval-$(3) \
	  --input $(RUN)/test-prompts.jsonl --output $(RUN)/eval-$(3).jsonl
	eval-geneval --detector shapes --input $(RUN)/eval-$(3).jsonl --output $(RUN)/eval-$(3).results.jsonl \
	  --summary $(RUN)/eval-$(3).json --quiet
endef

$(RUN)/eval-base.json: $(RUN)/test-prompts.jsonl | $(BASE)/config.json
	$(call evaluate,$(BASE),direct,base)
$(RUN)/eval-sft.json: $(RUN)/test-prompts.jsonl $(RUN)/sft.done
	$(call evaluate,$(RUN)/sft,single,sft)
$(RUN)/eval-rl.json: $(RUN)/test-prompts.jsonl $(RUN)/rl.done
	$(call evaluate,$(RUN)/rl,single,rl)

# RL without SFT: what the base learns by reward alone in the time that SFT and RL take together.
NO_SFT_STEPS ?= 150
no-sft:
	$(MAKE) --no-print-directory -f pipelines/nano.mk $(RUN)-no-sft/eval-rl.json RUN=$(RUN)-no-sft SFT_STEPS=0 RL_STEPS=$(NO_SFT_STEPS)
	jq .tasks,.overall $(RUN)-no-sft/eval-rl.json

table: $(RUN)/eval-base.json $(RUN)/eval-sft.json $(RUN)/eval-rl.json
	@jq -rn --slurpfile base $(RUN)/eval-base.json --slurpfile sft $(RUN)/eval-sft.json \
	  --slurpfile rl $(RUN)/eval-rl.json "$$table" | column -t -s $$'\t'
define table
def round3: . * 1000 | round / 1000 | tostring;
def column: (.tasks | map_values("\(.correct)/\(.total) \(.score | round3)")) + {overall: (.overall | round3)};
($$base[0] | column) as $$b | ($$sft[0] | column) as $$s | ($$rl[0] | column) as $$r |
(["task", "base", "SFT", "SFT+RL"] | @tsv), ($$b | keys_unsorted[] | [., $$b[.], $$s[.], $$r[.]] | @tsv)
endef
export table

$(RUN)/contact-sheet.png: $(RUN)/eval-rl.json
	head -n 64 $(RUN)/eval-rl.jsonl | score-reward --expert shapes | contact-sheet --group --out $@

$(RUN)/report.html: $(RUN)/eval-base.json $(RUN)/eval-sft.json $(RUN)/eval-rl.json
	run-report --title "Nano: base, SFT, SFT+RL" --out $@ SFT=$(RUN)/sft.jsonl RL=$(RUN)/rl/trainer/metrics.jsonl \
	  --eval base=$(RUN)/eval-base.json --eval SFT=$(RUN)/eval-sft.json --eval SFT+RL=$(RUN)/eval-rl.json \
	  --rollouts $(RUN)/rollouts.jsonl
