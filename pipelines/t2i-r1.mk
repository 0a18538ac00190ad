# t2i-r1.mk: T2I-R1 (arXiv 2505.00703): two passes, BiCoT-GRPO, an ensemble of experts.
#
#   make -f pipelines/t2i-r1.mk SCALE=nano table      offline, two CPU cores
#   make -f pipelines/t2i-r1.mk samples POLICY=DIR PROMPTS=t2i-r1_prompts.json ENDPOINT=URL JUDGE=NAME DETECTOR='./detect'
#
# What the paper and its released code set (RECIPES.md, section 3), and where it stands here:
#   reasoning instruction, then "PROMPT. CHAIN" and 576 image tokens      sample-group --mode two-pass --chat t2i-r1
#   guidance 5 in sampling, log-probs of the conditional row alone        --cfg-weight 5; --cfg-logprobs conditional
#   G = 8; 8 devices x 1 prompt x accumulation 2 = 16 prompts a step      RL_GROUP, RL_PROMPTS
#   1,600 steps, lr 1e-6, constant                                        RL_STEPS, RL_LR
#   vision tower, aligner and everything of generation but the decoder    --freeze generation_embeddings, generation_aligner,
#     frozen (the image head with it)                                     generation_head
#   k3 estimate of KL, beta = .01                                         --kl-weight 0.01 --reference
#   advantage (r - mean) / (std + 1e-4), one on-policy update             --advantage-eps 1e-4
#   experts: detector, VQA (ORM in ablations), mean in the paper          score-reward --combine t2i-r1
# Real scale: Janus-Pro-7B on 8 x H800 took the authors 40.5 s a step of 128 images, rewards included, 18 hours in all; T2I-
# CompBench rises by 13 %, WISE by 19 %. Not run here: no such machine was at hand.
#
# Nano scale: the base has never answered anything, as Janus-Pro has; `answers` teaches it the two passes with annotations that
# err (NOISE), by cot-sft --mode two-pass, and in the words that the nano tokenizer has. RL then has the exact detector as its
# expert, no guidance, and trains all parts.
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
RUN ?= run/t2i-r1-nano
POLICY ?= $(RUN)/answers
RL_STEPS ?= 160
RL_PROMPTS ?= 16
RL_LR ?= 4e-4
RL_DECAY ?= linear
MAX_COT ?= 64
CFG ?= 1
# The nano tokenizer knows these words; T2I-R1's own would be three quarters of every sequence.
WORDING ?= --chat janus --template reasongen-r1 --system ''
EXPERTS ?= --expert detector:shapes
FREEZE ?=
EXTRA ?= --microbatch-tokens 2048
else
RUN ?= run/t2i-r1
RL_STEPS ?= 1600
RL_PROMPTS ?= 16
RL_LR ?= 1e-6
RL_DECAY ?= constant
MAX_COT ?= 128
CFG ?= 5
WORDING ?= --chat t2i-r1
ENDPOINT ?=
JUDGE ?=
KEY_ENV ?=
DETECTOR ?=
EXPERTS ?= --expert 'detector:exec:$(DETECTOR)' --expert vqa --endpoint $(ENDPOINT) --judge-model $(JUDGE) \
  $(if $(KEY_ENV),--key-env $(KEY_ENV)) --cache $(RUN)/answers
FREEZE ?= --freeze generation_embeddings --freeze generation_aligner --freeze generation_head
EXTRA ?= --device cuda --dtype bfloat16 --recompute --optimizer-8bit
endif
RL_GROUP ?= 8
COMBINE ?= t2i-r1
SEGMENTS ?= both
BASE ?= share/nano/base
SCENES ?= 12000
NOISE ?= 0.15
SFT_STEPS ?= 1500
SFT_LR ?= 4e-3
EVAL_PROMPTS ?= 300
EVAL_IMAGES ?= 4
# Of the sampler: what mode two-pass needs everywhere.
TWO_PASS = --mode two-pass $(WORDING) --max-cot $(MAX_COT) --max-prompt 256 --seed $(SEED) --threads $(THREADS)

.PHONY: table samples rl
rl: $(RUN)/rl.done
samples: $(RUN)/samples.jsonl

# Nano: what Janus-Pro knows before T2I-R1 touches it.
$(RUN)/scenes.jsonl:
	mkdir -p $(RUN)
	shapes-world scenes --count $(SCENES) --seed $(SEED)2 --out $(RUN)/scenes --output $@
$(RUN)/annotations.jsonl: $(RUN)/scenes.jsonl
	caption-gen --annotator shapes --noise $(NOISE) --seed $(SEED) --out $@ $(RUN)/scenes
$(RUN)/tokens.jsonl: $(RUN)/annotations.jsonl
	vq-encode --policy $(BASE) --out $(RUN)/tokens --threads $(THREADS) --input $< --output $@
$(RUN)/answers.done: $(RUN)/tokens.jsonl
	cot-sft --policy $(BASE) --out $(RUN)/answers --mode two-pass $(WORDING) --steps $(SFT_STEPS) --batch 32 --lr $(SFT_LR) \
	  --text-weight 1 --drop-prompt 0 --checkpoint-every 100 --seed $(SEED) --threads $(THREADS) \
	  --input $< --output $(RUN)/answers.jsonl
	touch $@

# The fields of T2I-R1's data set out of GenEval's: counts, relations, or nouns with their colors.
define t2i_fields
def name: (if .color then .color + " " else "" end) + .class;
. + (if .tag == "counting" then {task_type: "numeracy", nouns: [.include[].class], numeracy_info: [.include[] | {obj_name: .class, num: .count}]}
  elif .tag == "position" then {task_type: "spatial", nouns: [.include[].class], spatial_info:
    (.include as $$i | ($$i | map(.position != null) | index(true)) as $$k |
     {obj1: $$i[$$k].class, obj2: $$i[$$i[$$k].position[1]].class, locality: $$i[$$k].position[0]})}
  else {task_type: "color", nouns: [.include[] | name]} end)
endef
export t2i_fields

ifeq ($(SCALE),nano)
$(RUN)/rl-prompts.jsonl: | $(RUN)/answers.done
	for ((step = 1; step <= $(RL_STEPS); step++)); do \
	  shapes-world prompts --split train --count $(RL_PROMPTS) --seed $$((1000 * $(SEED) + step)) | \
	    jq -c --arg s $$step '.id = "step" + $$s + "-" + .id'; \
	done | jq -c "$$t2i_fields" > $@.new
	mv $@.new $@
else
# The published file, over and over, in an order drawn for each pass.
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
	    sample-group --policy $(RUN)/rl --follow --batch $(RL_PROMPTS) --group $(RL_GROUP) $(TWO_PASS) --cfg-weight $(CFG) \
	      --out $(RUN)/rollouts | \
	    score-reward $(EXPERTS) --combine $(COMBINE) | \
	    tee $(RUN)/rollouts.jsonl | \
	    grpo-step --policy $(RUN)/rl --reference $(POLICY) --batch $(RL_PROMPTS) --lr $(RL_LR) --lr-decay $(RL_DECAY) \
	      --total-steps $(RL_STEPS) --kl-weight 0.01 --advantage-eps 1e-4 --cfg-weight $(CFG) --cfg-logprobs conditional \
	      --segments $(SEGMENTS) $(FREEZE) $(EXTRA) --on-empty skip --on-unscored drop-group --threads $(THREADS) > /dev/null; \
	fi
	touch $@

$(RUN)/test-prompts.jsonl:
	mkdir -p $(RUN)
	shapes-world prompts --split test --count $(EVAL_PROMPTS) --seed 7 | jq -c "$$t2i_fields" > $@.new
	mv $@.new $@

# What a policy draws on held-out prompts, by GenEval's rule and by the expert that RL had.
define evaluate
	sample-group --policy $(1) $(TWO_PASS) --group $(EVAL_IMAGES) --cfg-weight $(CFG) --out $(RUN)/eval-$(2) \
	  --input $(RUN)/test-prompts.jsonl --output $(RUN)/eval-$(2).rollouts.jsonl
	score-reward $(EXPERTS) --combine $(COMBINE) --input $(RUN)/eval-$(2).rollouts.jsonl --output $(RUN)/eval-$(2).jsonl
	eval-geneval --detector shapes --input $(RUN)/eval-$(2).jsonl --output $(RUN)/eval-$(2).results.jsonl \
	  --summary $(RUN)/eval-$(2).json --quiet
endef
$(RUN)/eval-before.json: $(RUN)/test-prompts.jsonl $(RUN)/answers.done
	$(call evaluate,$(POLICY),before)
$(RUN)/eval-after.json: $(RUN)/test-prompts.jsonl $(RUN)/rl.done
	$(call evaluate,$(RUN)/rl,after)

table: $(RUN)/eval-before.json $(RUN)/eval-after.json $(RUN)/report.html
	@jq -rn --slurpfile b $(RUN)/eval-before.json --slurpfile a $(RUN)/eval-after.json \
	  --slurpfile rb <(jq -s 'map(.reward) | add / length' $(RUN)/eval-before.jsonl) \
	  --slurpfile ra <(jq -s 'map(.reward) | add / length' $(RUN)/eval-after.jsonl) "$$table" | column -t -s $$'\t'
define table
def round3: . * 1000 | round / 1000 | tostring;
def column: (.tasks | map_values(.score | round3)) + {overall: (.overall | round3)};
(($$b[0] | column) + {reward: ($$rb[0] | round3)}) as $$before | (($$a[0] | column) + {reward: ($$ra[0] | round3)}) as $$after |
(["task", "before RL", "after"] | @tsv), ($$before | keys_unsorted[] | [., $$before[.], $$after[.]] | @tsv)
endef
export table

$(RUN)/report.html: $(RUN)/eval-before.json $(RUN)/eval-after.json
	run-report --title "T2I-R1, nano" --out $@ SFT=$(RUN)/answers.jsonl RL=$(RUN)/rl/trainer/metrics.jsonl \
	  --eval before=$(RUN)/eval-before.json --eval after=$(RUN)/eval-after.json --rollouts $(RUN)/rollouts.jsonl

# Real scale ends with pictures of the reinforced policy for the benchmarks.
$(RUN)/samples.jsonl: $(PROMPTS) $(RUN)/rl.done
	head -n 64 $(PROMPTS) | sample-group --policy $(RUN)/rl $(TWO_PASS) --group 4 --cfg-weight $(CFG) --out $(RUN)/samples > $@.new
	mv $@.new $@
