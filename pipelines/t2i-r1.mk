# t2i-r1.mk: T2I-R1 (arXiv 2505.00703): two passes, BiCoT-GRPO, an ensemble of experts.
#
#   make -f pipelines/t2i-r1.mk SCALE=nano table      offline, two CPU cores
#   make -f pipelines/t2i-r1.mk samples POLICY=DIR PROMPTS=t2i-r1_prompts.json ENDPOINT=URL JUDGE=NAME DETECTOR='./detect'
#   make -f pipelines/t2i-r1.mk benchmark BENCHMARK=evaluation_metadata.jsonl DETECT='./detect' ...   GenEval's score
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
#   experts: HPM, detector, VQA (ORM in ablations), mean in the paper     score-reward --combine t2i-r1; HPM where HPS is a
#     command that reads rollouts and writes {"id", "value"}: no CLIP is built in
#   no group left out                                                     --equal-rewards keep
# Real scale: Janus-Pro-7B on 8 x H800 took the authors 40.5 s a step of 128 images, rewards included, 18 hours in all; T2I-
# CompBench rises by 13 %, WISE by 19 %. Not run here: no such machine was at hand.
#
# Nano scale: the base has never answered anything, as Janus-Pro has; `answers` teaches it the two passes with annotations that
# err (NOISE), by cot-sft --mode two-pass, and in the words that the nano tokenizer has. RL then has the exact detector as its
# expert, no guidance, and trains all parts.
# Measured on an Intel Xeon (Sapphire Rapids class), 300 held-out prompts x 4 images, before RL and after, seeds 1 to 3: reward
# 0.638 and 0.755, 0.626 and 0.760, 0.661 and 0.771 (0.641 +- 0.018 and 0.762 +- 0.008); GenEval's rule, overall, 0.506 +- 0.028
# and 0.633 +- 0.020, two_object from 0.46 to 0.78, colors from 0.79 to 0.96. From the base to the table 8 min 32 s on two cores,
# 10 to 11 minutes on one thread beside other work; twice as long on a Zen 3.
#
# Ablations (ablate-levels, ablate-experts): which of the two chains is trained; which experts reward. The experts beside the
# detector are a judge that errs, by nano-judge.mk: asked about the whole prompt (orm), or about each noun (vqa).
# Measured, the detector's reward: both chains trained 0.750 +- 0.014, the words alone 0.762 +- 0.028, the image tokens alone 0.659 +- 0.008;
# rewarded by the detector 0.750 +- 0.014, orm 0.626 +- 0.037, vqa 0.501 +- 0.099, detector and vqa 0.747 +- 0.012, all 0.743 +- 0.017.
SCALE ?= $(if $(filter ablate-%,$(MAKECMDGOALS)),nano,real)
RECIPE := $(lastword $(MAKEFILE_LIST))

ARMS_levels = both semantic token
ARMS_experts = both:detector orm vqa detector-vqa all
define arm-both
endef
define arm-semantic
SEGMENTS = text
endef
define arm-token
SEGMENTS = image
endef
JUDGED = --judge-system '' --judge-prompt orm=share/nano/judge.txt --judge-prompt vqa=share/nano/judge-noun.txt
define arm-detector-vqa
EXPERTS = $(CHECKS) --expert vqa:janus:$(JUDGES)/judge $(JUDGED)
endef
define arm-orm
EXPERTS = --expert orm:janus:$(JUDGES)/judge $(JUDGED)
endef
define arm-vqa
EXPERTS = --expert vqa:janus:$(JUDGES)/judge $(JUDGED)
endef
define arm-all
EXPERTS = $(CHECKS) --expert orm:janus:$(JUDGES)/judge --expert vqa:janus:$(JUDGES)/judge $(JUDGED)
endef
ifdef ARM
$(eval $(value arm-$(ARM)))
RL_STEPS ?= 100
RL_PROMPTS ?= 12
EVAL_IMAGES ?= 2
endif

ifeq ($(SCALE),nano)
RUN ?= run/t2i-r1-nano
POLICY ?= $(STAGES)/answers
RL_STEPS ?= 100
RL_PROMPTS ?= 16
RL_LR ?= 8e-4
RL_DECAY ?= linear
MAX_COT ?= 64
CFG ?= 1
# The nano tokenizer knows these words; T2I-R1's own would be three quarters of every sequence.
WORDING ?= --chat janus --template reasongen-r1 --system ''
CHECKS ?= --expert detector:shapes
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
DETECTOR ?=
HPS ?=
CHECKS ?= --expert 'detector:exec:$(DETECTOR)' $(if $(HPS),--expert 'hps=exec:$(HPS)') --expert vqa $(ASK) --judge-model $(JUDGE) --cache $(RUN)/answers
FREEZE ?= --freeze generation_embeddings --freeze generation_aligner --freeze generation_head
EXTRA ?= --recompute --optimizer-8bit
endif
RL_GROUP ?= 8
TOTAL ?= t2i-r1
SEGMENTS ?= both
TITLE = T2I-R1, $(SCALE)
TAUGHT = answers
TEACH = --mode two-pass $(WORDING) --text-weight 1
DRAW = --mode two-pass $(WORDING) --max-cot $(MAX_COT) --max-prompt 256 --cfg-weight $(CFG) --seed $(SEED) --threads $(THREADS)
STEP = --reference $(POLICY) --kl-weight 0.01 --advantage-eps 1e-4 --equal-rewards keep --cfg-weight $(CFG) --cfg-logprobs conditional \
  --segments $(SEGMENTS) $(FREEZE) $(EXTRA)

# The fields of T2I-R1's data set out of GenEval's: counts, relations, or nouns with their colors.
define FIELDS
def name: (if .color then .color + " " else "" end) + .class;
. + (if .tag == "counting" then {task_type: "numeracy", nouns: [.include[].class], numeracy_info: [.include[] | {obj_name: .class, num: .count}]}
  elif .tag == "position" then {task_type: "spatial", nouns: [.include[].class], spatial_info:
    (.include as $$i | ($$i | map(.position != null) | index(true)) as $$k |
     {obj1: $$i[$$k].class, obj2: $$i[$$i[$$k].position[1]].class, locality: $$i[$$k].position[0]})}
  else {task_type: "color", nouns: [.include[] | name]} end)
endef

include $(dir $(RECIPE))recipe.mk.inc

# The judge of ablate-experts, one for all seeds and recipes.
ablate-experts: $(JUDGES)/judge.done
